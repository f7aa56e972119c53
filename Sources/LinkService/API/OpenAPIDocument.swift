import Foundation

/// The description of the JSON interface, in OpenAPI 3.1.
struct OpenAPIDocument: Sendable {
    let baseURL: BaseURL

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "otalink", "version": "1",
                "description": .string(Self.description),
            ],
            "servers": [["url": .string(baseURL.url("/api/v1"))]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(APISchemas.all),
                "securitySchemes": ["bearer": Self.bearer, "basic": Self.basic],
            ],
        ]
    }

    private static let description = """
        Makes, shows and takes back links, takes the desk's events and filters mail. Every call carries an API key as a bearer token, \
        or as the password of HTTP Basic with any user name. Errors are problem details (RFC 9457).
        """

    private static let bearer: JSONValue = [
        "type": "http", "scheme": "bearer", "description": "A key of: otalink api-key create",
    ]
    private static let basic: JSONValue = [
        "type": "http", "scheme": "basic", "description": "The key as password; the user name does not matter.",
    ]

    private var paths: [String: JSONValue] {
        Dictionary(grouping: APIOperation.all, by: \.path).mapValues { operations in
            let members = operations.map { ($0.method.rawValue.lowercased(), Self.json(of: $0)) }
            return .object(Dictionary(uniqueKeysWithValues: members))
        }
    }

    private static func json(of operation: APIOperation) -> JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary),
            "description": .string("\(operation.description) Needs the scope `\(operation.scope.rawValue)`."),
            "security": [
                ["bearer": [.string(operation.scope.rawValue)]], ["basic": [.string(operation.scope.rawValue)]],
            ],
            "responses": .object(responses(operation)),
        ]
        if !operation.parameters.isEmpty { members["parameters"] = .array(operation.parameters.map(json(of:))) }
        if let body = operation.body {
            members["requestBody"] = ["required": true, "content": content([body])]
        }
        return .object(members)
    }

    private static func json(of parameter: APIOperation.Parameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired), "schema": parameter.schema,
            "description": .string(parameter.description),
        ]
    }

    private static func responses(_ operation: APIOperation) -> [String: JSONValue] {
        let answers = operation.answers + APIOperation.Answer.common
        return Dictionary(uniqueKeysWithValues: answers.map { ("\($0.status)", json(of: $0)) })
    }

    private static func json(of answer: APIOperation.Answer) -> JSONValue {
        var members: [String: JSONValue] = ["description": .string(answer.description)]
        if let content = answer.content {
            members["content"] = Self.content([content] + (answer.otherContent.map { [$0] } ?? []))
        }
        if !answer.headers.isEmpty {
            members["headers"] = .object(
                answer.headers.mapValues { ["description": .string($0), "schema": ["type": "string"]] })
        }
        return .object(members)
    }

    private static func content(_ contents: [APIOperation.Content]) -> JSONValue {
        let members = contents.map { content -> (String, JSONValue) in
            (content.mediaType, ["schema": content.schema.map(APISchemas.reference) ?? [:]])
        }
        return .object(Dictionary(members) { first, _ in first })
    }
}

extension APIOperation.Answer {
    /// Those that every operation may give.
    static let common = [
        Self(
            status: 401, description: "There is no key, or none that counts.", content: .problem,
            headers: ["WWW-Authenticate": "How keys are sent."]),
        Self(status: 403, description: "The key lacks the scope.", content: .problem),
        Self(status: 413, description: "The body is too large.", content: .problem),
        Self(
            status: 429, description: "Too many calls.", content: .problem,
            headers: ["Retry-After": "Seconds until the next call is taken."]),
        Self(status: 500, description: "Our fault; the log has it under the request id.", content: .problem),
        Self(
            status: 503,
            description: "The desk does not answer, and nothing was changed; or we cannot work at the moment.",
            content: .problem, headers: ["Retry-After": "Seconds to wait."]),
    ]
}
