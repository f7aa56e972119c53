import CurlClient
import Foundation

/// A request to the web service, before it becomes HTTP.
struct OTOBORequest: Sendable {
    var method: HTTPRequest.Method
    var url: String
    /// JSON, for requests that have a body.
    var body: [UInt8]

    /// `POST /Session`, the login.
    ///
    /// Login and password travel in the body, so that no log of a proxy has them.
    static func login(_ configuration: OTOBOConfiguration) throws -> OTOBORequest {
        let body = try JSONEncoder().encode(["UserLogin": configuration.login, "Password": configuration.password])
        return OTOBORequest(method: .post, url: configuration.url + "/Session", body: Array(body))
    }

    /// A reading request. The path and the parameters must not be empty texts: the desk takes an empty parameter for
    /// no filter at all.
    static func get(
        _ configuration: OTOBOConfiguration, path: String, session: String, parameters: [(name: String, value: String)]
    ) -> OTOBORequest {
        let query = ([(name: "SessionID", value: session)] + parameters)
            .map { "\($0.name)=\(escaped($0.value))" }
            .joined(separator: "&")
        return OTOBORequest(method: .get, url: "\(configuration.url)\(path)?\(query)", body: [])
    }

    /// Escapes everything but the unreserved characters of RFC 3986 section 2.3.
    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
