/// The parameters of an operation, from the route, the query and the JSON body.
struct OperationInput {
    enum Reading {
        case input(OperationInput)
        /// The body is not JSON.
        case undecodable
        /// JSON that is neither an object with members nor an array.
        case unsupported
        /// An array.
        case notAnObject
    }

    private var members: [String: DeskJSON] = [:]
    /// Where the request came from.
    let clientAddress: String

    private init(clientAddress: String) {
        self.clientAddress = clientAddress
    }

    /// Reads as the desk does: the body of requests that may have one, overridden by the query, overridden by the route.
    static func read(_ question: DeskQuestion, pathParameter: String?, named name: String) -> Reading {
        var input = OperationInput(clientAddress: question.clientAddress)
        if question.method != "GET", !question.body.isEmpty, hasReadableBody(question) {
            guard let body = DeskJSON(parsing: question.body) else { return .undecodable }
            switch body {
            case .object(let members) where !members.isEmpty: input.members = members
            case .array: return .notAnObject
            default: return .unsupported
            }
        }
        for (name, values) in Dictionary(grouping: question.query, by: \.name) {
            let values = values.map { DeskJSON.text($0.value) }
            input.members[name] = values.count == 1 ? values[0] : .array(values)
        }
        if let pathParameter { input.members[name] = .text(pathParameter) }
        return .input(input)
    }

    /// Anything else than JSON in UTF-8 counts as no body at all.
    private static func hasReadableBody(_ question: DeskQuestion) -> Bool {
        let parts = (question.headers["content-type"] ?? "").lowercased().split(separator: ";")
            .map { $0.filter { !$0.isWhitespace } }
        guard parts.first == "application/json", String(validating: question.body, as: UTF8.self) != nil else {
            return false
        }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0 == "charset=utf-8" || $0 == "charset=utf8"
        }
    }

    subscript(name: String) -> DeskJSON? { members[name] }

    /// A scalar that is neither empty nor a Perl false.
    func text(_ name: String) -> String? {
        members[name]?.scalar.flatMap { $0.isEmpty || $0 == "0" ? nil : $0 }
    }

    /// All values of a repeated parameter, empty ones left out.
    func texts(_ name: String) -> [String] {
        (members[name]?.elements ?? []).compactMap(\.scalar).filter { !$0.isEmpty }
    }

    /// The ids of a comma list or a repeated parameter, as written.
    var ticketIDs: [String] {
        texts("TicketID").flatMap { $0.split(separator: ",").map { $0.filter { !$0.isWhitespace } } }.filter {
            !$0.isEmpty
        }
    }
}
