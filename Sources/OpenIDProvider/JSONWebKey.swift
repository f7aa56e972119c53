import Crypto
import CryptoExtras
import Foundation

/// The public half of a signing key, as clients read it (RFC 7517, 4; RFC 7518, 6.3.1).
public struct JSONWebKey: Sendable, Hashable, Encodable {
    public let kty = "RSA"
    public let use = "sig"
    public let alg = JSONWebToken.algorithm
    /// The thumbprint of the key (RFC 7638), so that no two keys share a name and every replica finds the same.
    public let kid: String
    /// Modulus and exponent: big-endian, no leading zero bytes, base64url.
    public let n: String
    public let e: String

    public init(modulus: some Sequence<UInt8>, exponent: some Sequence<UInt8>) {
        n = Base64URL.encode(modulus.drop { $0 == 0 })
        e = Base64URL.encode(exponent.drop { $0 == 0 })
        // The members that are needed, in alphabetical order and without white space (RFC 7638, 3).
        let members = #"{"e":"\#(e)","kty":"RSA","n":"\#(n)"}"#
        kid = Base64URL.encode(SHA256.hash(data: Data(members.utf8)))
    }

    /// True when this key made the signature (RS256: RFC 7518, 3.3).
    func isValid(_ signature: Data, for signed: Data) -> Bool {
        guard let modulus = Base64URL.decode(n), let exponent = Base64URL.decode(e),
            let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
        else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: signed),
            padding: .insecurePKCS1v1_5)
    }
}

/// The document at `jwks_uri` (RFC 7517, 5).
public struct JSONWebKeySet: Sendable, Hashable, Encodable {
    public let keys: [JSONWebKey]

    public init(keys: [JSONWebKey]) {
        self.keys = keys
    }
}
