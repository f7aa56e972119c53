import Crypto
import Foundation

/// What a signed text stands for. Each kind is signed under a key of its own, so that no text of one kind passes for
/// another.
public enum SignedKind: String, Sendable, CaseIterable {
    /// The token in a link's URL; signs the link's id.
    case link
    /// The session cookie; signs the session's id.
    case session
    /// The hidden value of the confirm form; signs link and form cookie.
    case form
    /// Counters for pairs of ticket and address that may not exist; signs what the person typed.
    case limit
    /// The code that a client of the OpenID Connect provider exchanges; signs the code's id.
    case code
    /// The access token that the exchange gives; signs the code's id.
    case accessToken = "access token"
    /// The cookie that keeps a client's request while the customer signs in; signs what is kept.
    case flow
}

/// What is kept in the database sealed under the secret keys.
public enum SealedKind: String, Sendable, CaseIterable {
    /// The private key of an ID token's signature.
    case signingKey = "sealed signing key"
}

/// A secret as it may be stored: of no use without the key that sealed it.
public struct SealedSecret: Hashable, Sendable {
    /// The key of the ring that sealed it.
    public let keyID: String
    /// Nonce, ciphertext and tag of AES-256-GCM.
    public let bytes: Data

    public init(keyID: String, bytes: Data) {
        self.keyID = keyID
        self.bytes = bytes
    }
}

/// The service's secret keys: the first signs, all verify.
///
/// From each secret, one key per `SignedKind` and `SealedKind` is derived by HKDF-SHA-256 (RFC 5869) with the kind's label.
public struct KeyRing: Sendable {
    /// Names the key that signs now; rows keep it, so that their tokens can be made again after a rotation.
    public var signingKeyID: String { keys[0].id }

    /// Letters and digits of a signed text of an id, such as a token.
    public static let textLength = Base62.textLength

    /// The ids of all keys, the signing one first.
    public var keyIDs: [String] { keys.map(\.id) }

    private let keys: [SecretKey]

    /// A ring of these secrets.
    ///
    /// - Parameter secrets: random bytes, at least 32 each, the signing one first.
    /// - Throws: `KeyRingError`, with what to do about it.
    public init(secrets: [[UInt8]]) throws {
        guard !secrets.isEmpty else { throw KeyRingError.empty }
        for (index, secret) in secrets.enumerated() where secret.count < 32 {
            throw KeyRingError.tooShort(position: index + 1, bytes: secret.count)
        }
        keys = secrets.map(SecretKey.init)
        guard Set(keys.map(\.id)).count == keys.count else { throw KeyRingError.twice }
    }

    /// A ring from its text form: base64url or base64 texts, separated by commas or white space; the first signs.
    ///
    /// - Throws: `KeyRingError`; never quotes the text.
    public init(text: String) throws {
        let words = text.split { $0 == "," || $0.isWhitespace }
        try self.init(
            secrets: words.enumerated().map { index, word in
                guard let secret = Self.decode(word) else { throw KeyRingError.notBase64(position: index + 1) }
                return secret
            })
    }

    /// A new random secret in the text form that `init(text:)` reads: 32 bytes, base64url without padding.
    public static func generateSecret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }.base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// The signed text of an id: base62 of its 16 bytes and 16 bytes of HMAC-SHA-256 over them, 43 characters.
    ///
    /// - Parameter keyID: the key to sign with; nil: the signing key.
    /// - Returns: nil when the ring has no key of that id (any more).
    public func sign(_ id: UUID, as kind: SignedKind, keyID: String? = nil) -> String? {
        let signingKey = keyID == nil ? keys.first : keys.first { $0.id == keyID }
        guard let key = signingKey else { return nil }
        return Base62.encode(id.bytes + key.authenticationCode(of: id.bytes, as: kind))
    }

    /// The id that a text signs; nil for anything that this ring did not sign as this kind.
    public func verify(_ text: String, as kind: SignedKind) -> UUID? {
        guard let bytes = Base62.decode(text) else { return nil }
        let id = bytes[..<16]
        let isOurs = keys.contains { $0.isAuthentic(bytes[16...], for: id, as: kind) }
        return isOurs ? UUID(bytes: id) : nil
    }

    /// An authentication code of 16 bytes over any message, made with the signing key.
    public func code(over message: [UInt8], as kind: SignedKind) -> [UInt8] {
        keys[0].authenticationCode(of: message, as: kind)
    }

    /// True when one of the keys made this code over this message.
    public func isAuthentic(_ code: some Collection<UInt8>, over message: [UInt8], as kind: SignedKind) -> Bool {
        keys.contains { $0.isAuthentic(code, for: message, as: kind) }
    }

    /// Seals a secret under the signing key (AES-256-GCM, a random nonce).
    ///
    /// - Parameter name: what it is the secret of; `open` must be told the same, so that rows cannot be exchanged.
    /// - Throws: what swift-crypto reports.
    public func seal(_ secret: Data, as kind: SealedKind, of name: String) throws -> SealedSecret {
        SealedSecret(keyID: keys[0].id, bytes: try keys[0].seal(secret, as: kind, of: name))
    }

    /// The secret; nil when the ring lacks the key that sealed it, or when it was sealed as something else.
    public func open(_ sealed: SealedSecret, as kind: SealedKind, of name: String) -> Data? {
        keys.first { $0.id == sealed.keyID }?.open(sealed.bytes, as: kind, of: name)
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        base64 = String(base64.reversed().drop { $0 == "=" }.reversed())
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64).map(Array.init)
    }
}

/// One secret and the keys derived from it.
private struct SecretKey: Sendable {
    let id: String
    private let link: SymmetricKey
    private let session: SymmetricKey
    private let form: SymmetricKey
    private let limit: SymmetricKey
    private let code: SymmetricKey
    private let accessToken: SymmetricKey
    private let flow: SymmetricKey
    private let signingKeySeal: SymmetricKey

    init(secret: [UInt8]) {
        func derive(_ label: String, byteCount: Int) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret), info: Data("otalink \(label)".utf8),
                outputByteCount: byteCount)
        }
        id = derive("key id", byteCount: 4).withUnsafeBytes { $0.map { String(format: "%02x", $0) }.joined() }
        link = derive(SignedKind.link.rawValue, byteCount: 32)
        session = derive(SignedKind.session.rawValue, byteCount: 32)
        form = derive(SignedKind.form.rawValue, byteCount: 32)
        limit = derive(SignedKind.limit.rawValue, byteCount: 32)
        code = derive(SignedKind.code.rawValue, byteCount: 32)
        accessToken = derive(SignedKind.accessToken.rawValue, byteCount: 32)
        flow = derive(SignedKind.flow.rawValue, byteCount: 32)
        signingKeySeal = derive(SealedKind.signingKey.rawValue, byteCount: 32)
    }

    func authenticationCode(of message: some DataProtocol, as kind: SignedKind) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: key(kind)).prefix(16))
    }

    /// Compares in constant time.
    func isAuthentic(_ code: some Collection<UInt8>, for message: some DataProtocol, as kind: SignedKind) -> Bool {
        guard code.count == 16 else { return false }
        let expected = HMAC<SHA256>.authenticationCode(for: message, using: key(kind))
        return zip(expected, code).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func key(_ kind: SignedKind) -> SymmetricKey {
        switch kind {
        case .link: link
        case .session: session
        case .form: form
        case .limit: limit
        case .code: code
        case .accessToken: accessToken
        case .flow: flow
        }
    }

    func seal(_ secret: Data, as kind: SealedKind, of name: String) throws -> Data {
        let box = try AES.GCM.seal(secret, using: key(kind), authenticating: Data(name.utf8))
        // The nonce is of the usual length, so there is a combined form.
        return box.combined ?? Data(box.nonce) + box.ciphertext + box.tag
    }

    func open(_ bytes: Data, as kind: SealedKind, of name: String) -> Data? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes) else { return nil }
        return try? AES.GCM.open(box, using: key(kind), authenticating: Data(name.utf8))
    }

    private func key(_ kind: SealedKind) -> SymmetricKey {
        switch kind {
        case .signingKey: signingKeySeal
        }
    }
}

/// Why a key ring could not be made.
public enum KeyRingError: Error, Hashable, CustomStringConvertible {
    case empty
    case notBase64(position: Int)
    case tooShort(position: Int, bytes: Int)
    case twice

    public var description: String {
        let advice = "Make one with: otalink keys generate"
        return switch self {
        case .empty: "There is no secret key. \(advice)"
        case .notBase64(let position): "Secret key number \(position) is not base64url text. \(advice)"
        case .tooShort(let position, let bytes):
            "Secret key number \(position) has \(bytes) bytes; at least 32 random bytes are needed. \(advice)"
        case .twice: "The same secret key is named twice. Name each once, the signing one first."
        }
    }
}
