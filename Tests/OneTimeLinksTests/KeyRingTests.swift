import Foundation
import OneTimeLinks
import Testing

@Suite("Secret keys and what they sign")
struct KeyRingTests {
    private let ring: KeyRing
    private let id: UUID

    init() throws {
        ring = try KeyRing(secrets: [Array(0..<32)])
        id = try #require(UUID(uuidString: "0190A0A0-0000-7000-8000-000000000001"))
    }

    // Computed with Python's hmac and hashlib: HKDF-SHA-256 without salt, info "otalink <label>", HMAC-SHA-256 cut to 16 bytes.
    private static let vectors: [(SignedKind, String)] = [
        (.link, "0N0V3kOo5ufgLnVpPZkRSGDBex467qsHE7fQqq5qwdT"),
        (.session, "0N0V3kOo5ufgLnVpPZkRSCN6Xqbox6zU2g2jP2MhM2M"),
        (.form, "0N0V3kOo5ufgLnVpPZkRSFmLGQZtjrx8FJv45IlSNrS"), (.limit, "0N0V3kOo5ufgLnVpPZkRSCO99K7bywKHgpLjzcLC33k"),
        (.code, "0N0V3kOo5ufgLnVpPZkRSGyR7pVV1LbvwFQ8PVjoCss"),
        (.accessToken, "0N0V3kOo5ufgLnVpPZkRSFcFqB7uk9Xv7wG3B2BZWwb"),
        (.flow, "0N0V3kOo5ufgLnVpPZkRSEk4TQisSYUBPPoONG0fAL6"),
    ]

    @Test("Fixed vectors; no text of one kind passes for another")
    func vectors() {
        #expect(ring.signingKeyID == "da978bc7")
        #expect(Set(Self.vectors.map(\.0)) == Set(SignedKind.allCases))
        for (kind, text) in Self.vectors {
            #expect(ring.sign(id, as: kind) == text)
            for other in SignedKind.allCases { #expect(ring.verify(text, as: other) == (other == kind ? id : nil)) }
        }
    }

    @Test("Every change of one character is refused, as are other lengths and characters")
    func damaged() throws {
        let token = Array(Self.vectors[0].1)
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        for position in token.indices {
            for digit in digits where digit != token[position] {
                var changed = token
                changed[position] = digit
                #expect(ring.verify(String(changed), as: .link) == nil)
            }
        }
        for text in [
            "", String(token.dropLast()), String(token) + "0", "0" + String(token),
            String(token).replacing("G", with: "-"),
            String(repeating: "z", count: 43), "ä" + String(token.dropFirst()),
        ] {
            #expect(ring.verify(text, as: .link) == nil)
        }
    }

    @Test("After a rotation the new key signs, the old one verifies and still makes its own tokens")
    func rotation() throws {
        let rotated = try KeyRing(secrets: [Array(32..<64), Array(0..<32)])
        let token = try #require(ring.sign(id, as: .link))
        #expect(rotated.verify(token, as: .link) == id)
        #expect(rotated.sign(id, as: .link, keyID: ring.signingKeyID) == token)
        let new = try #require(rotated.sign(id, as: .link))
        #expect(new != token)
        #expect(ring.verify(new, as: .link) == nil)
        #expect(ring.sign(id, as: .link, keyID: rotated.signingKeyID) == nil)
    }

    @Test("What is sealed opens under the same name with the key that sealed it, and with no other")
    func sealing() throws {
        let secret = Data("a private key".utf8)
        let sealed = try ring.seal(secret, as: .signingKey, of: "name")
        #expect(sealed.keyID == ring.signingKeyID && sealed.bytes.count == secret.count + 28)
        #expect(try ring.seal(secret, as: .signingKey, of: "name") != sealed)
        let rotated = try KeyRing(secrets: [Array(32..<64), Array(0..<32)])
        #expect(ring.open(sealed, as: .signingKey, of: "name") == secret)
        #expect(rotated.open(sealed, as: .signingKey, of: "name") == secret)
        #expect(ring.open(sealed, as: .signingKey, of: "other") == nil)
        #expect(try KeyRing(secrets: [Array(32..<64)]).open(sealed, as: .signingKey, of: "name") == nil)
        let renamed = SealedSecret(keyID: rotated.signingKeyID, bytes: sealed.bytes)
        #expect(rotated.open(renamed, as: .signingKey, of: "name") == nil)
        for position in sealed.bytes.indices {
            var bytes = sealed.bytes
            bytes[position] ^= 1
            #expect(ring.open(SealedSecret(keyID: sealed.keyID, bytes: bytes), as: .signingKey, of: "name") == nil)
        }
        #expect(ring.open(SealedSecret(keyID: sealed.keyID, bytes: Data()), as: .signingKey, of: "name") == nil)
    }

    @Test(
        "A ring that cannot be says what to do, and quotes no key",
        arguments: [
            ("", KeyRingError.empty), (" , \n", .empty), ("c2hvcnQ", .tooShort(position: 1, bytes: 5)),
            ("%%%", .notBase64(position: 1)),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .twice),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 x", .notBase64(position: 2)),
        ])
    func refused(text: String, error: KeyRingError) {
        #expect(throws: error) { try KeyRing(text: text) }
        #expect(!error.description.contains("AAEC"))
    }

    @Test("A generated secret makes a ring, and no two are alike")
    func generated() throws {
        let secrets = (0..<10).map { _ in KeyRing.generateSecret() }
        #expect(Set(secrets).count == 10)
        #expect(try KeyRing(text: secrets.joined(separator: "\n")).keyIDs.count == 10)
    }
}
