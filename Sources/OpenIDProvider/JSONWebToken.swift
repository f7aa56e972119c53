import Foundation

/// Signed tokens in the compact form (RFC 7515, 7.1; RFC 7519), RS256 only.
public enum JSONWebToken {
    /// The one algorithm that is used and believed. A token never chooses how it is checked (RFC 8725, 3.1).
    public static let algorithm = "RS256"
    /// The longest token that is read, in bytes.
    public static let maximumLength = 8_192

    /// Signs claims.
    ///
    /// - Throws: `EncodingError`, and what swift-crypto reports.
    public static func sign(_ claims: some Encodable, with key: SigningKey) throws -> String {
        let header = Header(alg: algorithm, kid: key.publicKey.kid, typ: "JWT", crit: nil)
        let signed = try [ProviderDocument.encode(header), ProviderDocument.encode(claims)].map(Base64URL.encode)
            .joined(separator: ".")
        return try signed + "." + Base64URL.encode(key.signature(for: Data(signed.utf8)))
    }

    /// Checks form, algorithm, key and signature of a token, and says nothing yet about its claims.
    ///
    /// - Parameter keys: those whose signatures are believed.
    /// - Returns: the claims' bytes.
    public static func verify(_ token: String, keys: [JSONWebKey]) throws(Refusal) -> Data {
        guard token.utf8.count <= maximumLength else { throw .malformed }
        // Bytes, not characters: a combining mark after a dot must not hide it.
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Substring.init)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let header = try? JSONDecoder().decode(Header.self, from: headerBytes),
            let claims = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        guard header.alg == algorithm else { throw .algorithm }
        // An extension that must be understood is not (RFC 7515, 4.1.11); another type is another kind of token.
        guard header.crit == nil, header.typ.map({ $0.lowercased() == "jwt" }) ?? true else { throw .malformed }
        guard let key = keys.first(where: { $0.kid.hasSameBytes(as: header.kid ?? "") }) else { throw .unknownKey }
        guard key.isValid(signature, for: Data("\(parts[0]).\(parts[1])".utf8)) else { throw .signature }
        return claims
    }

    /// Why a token is not believed. One answer goes out for all; the reason is for the log.
    public enum Refusal: String, Error, Sendable {
        case malformed, algorithm, unknownKey, signature, issuer, audience
    }

    private struct Header: Codable {
        let alg: String
        let kid: String?
        let typ: String?
        let crit: [String]?
    }
}

extension String {
    /// Swift compares strings by canonical equivalence; identifiers are compared byte for byte.
    func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
