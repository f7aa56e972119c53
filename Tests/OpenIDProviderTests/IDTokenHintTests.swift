import Foundation
import Testing

@testable import OpenIDProvider

private let issuer = "https://links.example.org"
private let ours = Result { try SigningKey.make() }
private let strangers = Result { try SigningKey.make() }
private let goodClaims =
    #"{"aud":"desk","exp":1700000600,"iat":1700000000,"iss":"https://links.example.org","sid":"s1","sub":"c1"}"#

/// A token with this header and these claims; `KID` in the header is our key's.
private func token(header: String = #"{"alg":"RS256","kid":"KID"}"#, claims: String = goodClaims) throws -> String {
    let key = try ours.get()
    let filled = header.replacingOccurrences(of: "KID", with: key.publicKey.kid)
    let signed = Base64URL.encode(filled.utf8) + "." + Base64URL.encode(claims.utf8)
    return try signed + "." + Base64URL.encode(key.signature(for: Data(signed.utf8)))
}

private func read(_ token: String, clientID: String? = nil) throws -> IDTokenHint {
    try IDTokenHint(token, issuer: issuer, keys: [ours.get().publicKey], clientID: clientID)
}

private let headers: [(String, JSONWebToken.Refusal)] = [
    (#"{"alg":"none","kid":"KID"}"#, JSONWebToken.Refusal.algorithm),
    (#"{"alg":"None","kid":"KID"}"#, .algorithm), (#"{"alg":"HS256","kid":"KID"}"#, .algorithm),
    (#"{"alg":"RS512","kid":"KID"}"#, .algorithm), (#"{"alg":"PS256","kid":"KID"}"#, .algorithm),
    (#"{"alg":"ES256","kid":"KID"}"#, .algorithm), (#"{"alg":"rs256","kid":"KID"}"#, .algorithm),
    (#"{"kid":"KID"}"#, .malformed), (#"{"alg":["RS256"],"kid":"KID"}"#, .malformed), ("x", .malformed),
    (#"{"alg":"RS256"}"#, .unknownKey), (#"{"alg":"RS256","kid":"other"}"#, .unknownKey),
    (#"{"alg":"RS256","kid":""}"#, .unknownKey), (#"{"alg":"RS256","kid":"KID","crit":["b64"]}"#, .malformed),
    (#"{"alg":"RS256","kid":"KID","typ":"at+jwt"}"#, .malformed),
]

private let claimFaults: [(String, String, JSONWebToken.Refusal)] = [
    ("https://links.example.org", "https://links.example.org/", JSONWebToken.Refusal.issuer),
    ("https://links.example.org", "https://LINKS.example.org", .issuer),
    (#""desk""#, #"["desk"]"#, .malformed), (#""c1""#, #""""#, .malformed), (#""sub":"c1""#, #""x":"c1""#, .malformed),
    (#""exp":1700000600,"#, "", .malformed), (#""iat":1700000000,"#, "", .malformed),
    (#""iss""#, #""isx""#, .malformed), (#""c1""#, "1", .malformed), (goodClaims, "[]", .malformed),
]

@Suite struct IDTokenHintTests {
    @Test func `a token of ours is believed, also long after it expired`() throws {
        let hint = try read(try token(), clientID: "desk")
        #expect(hint.subject == "c1")
        #expect(hint.sessionID == "s1")
        #expect(try read(try token()).clientID == "desk")
    }

    @Test func `a token signed here is read here`() throws {
        let claims = IDTokenClaims(
            issuer: issuer, audience: "desk", customer: CustomerClaims(CustomerFacts(subject: "c1"), scopes: []),
            signIn: .init(at: Date(timeIntervalSince1970: 1), sessionID: "s1"), nonce: nil, accessToken: nil,
            now: Date(timeIntervalSince1970: 2), lifetime: 60)
        let hint = try read(try JSONWebToken.sign(claims, with: ours.get()), clientID: "desk")
        #expect(hint.subject == "c1")
    }

    @Test(arguments: headers)
    func `a header that is not ours is refused`(header: String, refusal: JSONWebToken.Refusal) throws {
        let token = try token(header: header)
        #expect(throws: refusal) { try read(token) }
    }

    @Test(arguments: claimFaults)
    func `claims that are not ours are refused`(old: String, new: String, refusal: JSONWebToken.Refusal) throws {
        let changed = goodClaims.replacingOccurrences(of: old, with: new)
        try #require(changed != goodClaims)
        let token = try token(claims: changed)
        #expect(throws: refusal) { try read(token) }
    }

    @Test(arguments: ["other", "DESK", "desk "])
    func `a token for another client is refused`(clientID: String) throws {
        let token = try token()
        #expect(throws: JSONWebToken.Refusal.audience) { try read(token, clientID: clientID) }
    }

    @Test func `a signature by another key or over another text is refused`() throws {
        let parts = try token().split(separator: ".").map(String.init)
        let signed = Data("\(parts[0]).\(parts[1])".utf8)
        let foreign = Base64URL.encode(try strangers.get().signature(for: signed))
        let other = Base64URL.encode(goodClaims.replacingOccurrences(of: "c1", with: "c2").utf8)
        for token in [
            "\(parts[0]).\(parts[1]).\(foreign)", "\(parts[0]).\(other).\(parts[2])", "\(parts[0]).\(parts[1]).",
        ] {
            #expect(throws: JSONWebToken.Refusal.signature) { try read(token) }
        }
    }

    @Test func `what has another form is refused`() throws {
        let good = try token()
        let long = goodClaims.replacingOccurrences(of: "c1", with: String(repeating: "c", count: 8_192))
        let faulty =
            try ["", ".", "..", "a.b", good + ".", "." + good, good + "=", good + "\u{301}", " " + good]
            + [good.replacingOccurrences(of: ".", with: ".\u{301}"), token(claims: long)]
        for token in faulty {
            #expect(throws: JSONWebToken.Refusal.malformed) { try read(token) }
        }
    }
}
