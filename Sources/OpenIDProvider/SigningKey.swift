import Crypto
import CryptoExtras
import Foundation

/// An RSA key that signs ID tokens.
///
/// The private half leaves this value through `pem` and `der` only; printed, it shows its id.
public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// What clients read of it.
    public let publicKey: JSONWebKey
    private let privateKey: _RSA.Signing.PrivateKey

    /// Makes a key of 2,048 bits, the least that RS256 allows (RFC 7518, 3.3).
    ///
    /// - Throws: what BoringSSL reports; it takes some tenths of a second.
    public static func make() throws -> SigningKey {
        try SigningKey(_RSA.Signing.PrivateKey(keySize: .bits2048))
    }

    /// Reads a private key, PKCS#8 or PKCS#1.
    ///
    /// - Throws: what swift-crypto reports for anything else, and for a key of less than 2,048 bits.
    public init(pem: String) throws {
        try self.init(_RSA.Signing.PrivateKey(pemRepresentation: pem))
    }

    /// Reads a private key, PKCS#8 or PKCS#1; throws as `init(pem:)`.
    public init(der: Data) throws {
        try self.init(_RSA.Signing.PrivateKey(derRepresentation: der))
    }

    private init(_ key: _RSA.Signing.PrivateKey) throws {
        let numbers = try key.publicKey.getKeyPrimitives()
        privateKey = key
        publicKey = JSONWebKey(modulus: numbers.modulus, exponent: numbers.publicExponent)
    }

    /// The private key in PKCS#8. Secret.
    public var pem: String { privateKey.pkcs8PEMRepresentation }

    /// The private key in PKCS#8. Secret.
    public var der: Data { privateKey.pkcs8DERRepresentation }

    public var description: String { "SigningKey(\(publicKey.kid))" }
    public var customMirror: Mirror { Mirror(self, children: ["kid": publicKey.kid]) }

    /// Signs as RS256 (RFC 7518, 3.3).
    func signature(for signed: Data) throws -> Data {
        try privateKey.signature(for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5).rawRepresentation
    }
}
