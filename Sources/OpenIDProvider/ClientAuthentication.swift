import Foundation

/// How a client shows at the token endpoint who it is (RFC 6749, 2.3).
public enum ClientAuthentication: Sendable, Hashable {
    /// An id and a secret, in each reading that the request allows: a Basic header may hold them as they are or
    /// form-urlencoded. A reading is an id with its own secret; they are never mixed.
    case secret(readings: [Credentials])
    /// A public client names itself only.
    case none(clientID: String)

    public struct Credentials: Sendable, Hashable {
        public let clientID: String
        public let secret: String

        public init(clientID: String, secret: String) {
            self.clientID = clientID
            self.secret = secret
        }
    }

    /// Reads header and body of a token request.
    ///
    /// - Returns: nil for no authentication, for two at once, and for what cannot be read.
    public init?(authorization: String?, form: FormParameters) {
        guard form.repeatedName == nil else { return nil }
        guard let authorization else {
            guard let clientID = form["client_id"] else { return nil }
            let secret = form["client_secret"]
            self =
                secret.map { .secret(readings: [Credentials(clientID: clientID, secret: $0)]) }
                ?? .none(clientID: clientID)
            return
        }
        guard form["client_secret"] == nil, let readings = Self.readings(ofBasic: authorization) else { return nil }
        // An id in the body may be repeated there, but must be the same one.
        let fitting = readings.filter { form["client_id"] == nil || form["client_id"] == $0.clientID }
        guard !fitting.isEmpty else { return nil }
        self = .secret(readings: fitting)
    }

    private static func readings(ofBasic header: String) -> [Credentials]? {
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: String(words[1])),
            let text = String(validating: data, as: UTF8.self), let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let id = text.utf8[..<colon]
        let secret = text.utf8[colon...].dropFirst()
        guard !id.isEmpty, !secret.isEmpty else { return nil }
        let raw = Credentials(clientID: String(Substring(id)), secret: String(Substring(secret)))
        guard let decodedID = FormParameters.decode(id), let decodedSecret = FormParameters.decode(secret) else {
            return [raw]
        }
        let decoded = Credentials(clientID: decodedID, secret: decodedSecret)
        return decoded == raw ? [raw] : [raw, decoded]
    }
}
