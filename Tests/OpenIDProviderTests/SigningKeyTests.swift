import Foundation
import Testing

@testable import OpenIDProvider

/// The example of RFC 7638, 3.1.
private let exampleModulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    + "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
    + "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    + "nqDKgw"

/// The example of RFC 7515, A.2: modulus, what is signed, signature.
private let signedModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC"
    + "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6"
    + "65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
    + "yuXpoQ"
private let signed =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    + "fQ"
private let signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t"
    + "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
    + "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
    + "Ge77Rw"

private func webKey(_ modulus: String, leading: [UInt8] = []) throws -> JSONWebKey {
    JSONWebKey(modulus: leading + (try #require(Base64URL.decode(modulus))), exponent: leading + [1, 0, 1])
}

@Suite struct SigningKeyTests {
    @Test func `a key is named by its thumbprint`() throws {
        #expect(try webKey(exampleModulus).kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(try webKey(exampleModulus, leading: [0]) == webKey(exampleModulus))
    }

    @Test func `a key set shows clients what they need, and nothing private`() throws {
        let key = try webKey(exampleModulus)
        let json = try ProviderDocument.encode(JSONWebKeySet(keys: [key]))
        let expected =
            #"{"keys":[{"alg":"RS256","e":"AQAB","kid":"\#(key.kid)","kty":"RSA","n":"\#(exampleModulus)","use":"sig"}]}"#
        #expect(String(decoding: json, as: UTF8.self) == expected)
    }

    @Test func `a signature made elsewhere is checked`() throws {
        let bytes = try #require(Base64URL.decode(signature))
        #expect(try webKey(signedModulus).isValid(bytes, for: Data(signed.utf8)))
        #expect(try !webKey(signedModulus).isValid(bytes, for: Data((signed + "A").utf8)))
        #expect(try !webKey(exampleModulus).isValid(bytes, for: Data(signed.utf8)))
    }

    @Test func `a key made here comes back from PEM and DER`() throws {
        let key = try SigningKey.make()
        #expect(Base64URL.decode(key.publicKey.n)?.count == 256)
        for copy in [try SigningKey(pem: key.pem), try SigningKey(der: key.der)] {
            #expect(copy.publicKey == key.publicKey)
            let signature = try copy.signature(for: Data("text".utf8))
            #expect(key.publicKey.isValid(signature, for: Data("text".utf8)))
        }
        #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        #expect(throws: (any Error).self) { try SigningKey(pem: "x") }
        #expect(throws: (any Error).self) { try SigningKey(der: Data([0x30])) }
    }

    @Test func `a key that is printed shows its id only`() throws {
        let key = try SigningKey.make()
        #expect("\(key)" == "SigningKey(\(key.publicKey.kid))")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("privateKey"))
    }

    @Test(arguments: ["A", "AA==", "AB", "A A", "A\u{301}A", "+/==", "A\n"])
    func `base64url has one spelling`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
