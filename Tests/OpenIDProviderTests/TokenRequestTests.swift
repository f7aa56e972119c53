import Foundation
import OpenIDProvider
import Testing

private let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
private let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
private let uri = "https://desk.example.org/otobo/customer.pl?Action=Login"
private let issuedAt = Date(timeIntervalSince1970: 1_700_000_000)

/// A form that is good, with some parameters changed or, by nil, left out.
private func form(_ changes: [String: String?] = [:], suffix: String = "") throws -> FormParameters {
    let encodedURI = uri.replacingOccurrences(of: "?", with: "%3F").replacingOccurrences(of: "=", with: "%3D")
    var fields: [String: String?] = [
        "grant_type": "authorization_code", "code": "c", "redirect_uri": encodedURI, "code_verifier": verifier,
    ]
    fields.merge(changes) { _, new in new }
    let text = fields.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: "&")
    return try #require(FormParameters(encoded: text + suffix))
}

private func outcome(
    _ changes: [String: String?] = [:], stored: StoredCode? = code(), client: RelyingParty = desk, after: Double = 1
) throws -> TokenOutcome {
    let request = try TokenRequest(form: form(changes))
    return request.judged(
        against: stored, client: client, now: issuedAt.addingTimeInterval(after), lifetime: 60)
}

private let desk = RelyingParty(id: "desk", redirectURIs: [uri])
private let lenientDesk = RelyingParty(id: "desk", redirectURIs: [uri], mayOmitPKCE: true)

private func code(
    clientID: String = "desk", redirectURI: String = uri, challenge stored: String? = challenge, isUsed: Bool = false
) -> StoredCode {
    StoredCode(
        clientID: clientID, redirectURI: redirectURI, codeChallenge: stored, issuedAt: issuedAt, isUsed: isUsed)
}

/// What the form alone shows (RFC 6749, 5.2).
private let forms: [(String, [String: String?], String, TokenError)] = [
    ("5.2 invalid_request: no grant type", ["grant_type": nil], "", TokenError.invalidRequest),
    ("3.1: empty is missing", ["grant_type": ""], "", .invalidRequest),
    ("5.2 invalid_request: no code", ["code": nil], "", .invalidRequest),
    ("4.1.3: no redirect URI", ["redirect_uri": nil], "", .invalidRequest),
    ("3.2: repeated", [:], "&code=d", .invalidRequest), ("3.2: repeated, unknown", [:], "&x=1&x=2", .invalidRequest),
    ("5.2 unsupported_grant_type", ["grant_type": "password"], "", .unsupportedGrantType),
    ("5.2 unsupported_grant_type", ["grant_type": "refresh_token"], "", .unsupportedGrantType),
    ("5.2 unsupported_grant_type", ["grant_type": "client_credentials"], "", .unsupportedGrantType),
    ("5.2 unsupported_grant_type: other case", ["grant_type": "Authorization_Code"], "", .unsupportedGrantType),
]

/// What the stored code shows.
private let refusals: [(String, [String: String?], StoredCode?, TokenError)] = [
    ("RFC 6749, 5.2: unknown code", [:], nil, TokenError.invalidGrant),
    ("Core, 3.1.3.2: issued to another client", [:], code(clientID: "other"), .invalidGrant),
    ("Core, 3.1.3.2: client in another case", [:], code(clientID: "Desk"), .invalidGrant),
    ("RFC 6749, 4.1.3: another redirect URI", [:], code(redirectURI: uri + "2"), .invalidGrant),
    ("RFC 9700, 4.1.3: redirect URI in another case", [:], code(redirectURI: uri.uppercased()), .invalidGrant),
    ("RFC 6749, 3.2.1: another client in the body", ["client_id": "other"], code(), .invalidClient),
    ("RFC 7636, 4.6: no verifier", ["code_verifier": nil], code(), .invalidGrant),
    ("RFC 7636, 4.6: wrong verifier", ["code_verifier": verifier + "x"], code(), .invalidGrant),
    ("RFC 7636, 4.6: the challenge itself", ["code_verifier": challenge], code(), .invalidGrant),
    ("RFC 9700, 4.8.2: verifier without challenge", [:], code(challenge: nil), .invalidGrant),
    ("RFC 9700, 2.1.1: PKCE left out", ["code_verifier": nil], code(challenge: nil), .invalidGrant),
]

@Suite struct TokenRequestTests {
    @Test func `a code is exchanged by its client, with its URI and its verifier`() throws {
        #expect(try outcome() == .exchange)
        #expect(try outcome(["client_id": "desk", "scope": "x"]) == .exchange)
        #expect(try outcome().error == nil)
    }

    @Test(arguments: forms)
    func `a form that asks for nothing we give is refused`(
        rule: String, changes: [String: String?], suffix: String, error: TokenError
    ) throws {
        let form = try form(changes, suffix: suffix)
        #expect(throws: error, "\(rule)") { try TokenRequest(form: form) }
    }

    @Test(arguments: refusals)
    func `a code that does not fit is refused`(
        rule: String, changes: [String: String?], stored: StoredCode?, error: TokenError
    ) throws {
        #expect(try outcome(changes, stored: stored) == .refused(error), "\(rule)")
    }

    @Test(arguments: [(0.0, TokenOutcome.exchange), (59.9, .exchange), (60, .refused(.invalidGrant))])
    func `a code lives as long as it should (RFC 6749, 4.1.2)`(after: Double, expected: TokenOutcome) throws {
        #expect(try outcome(after: after) == expected)
    }

    @Test func `a client let off PKCE exchanges a code without a challenge, and only so`() throws {
        #expect(try outcome(["code_verifier": nil], stored: code(challenge: nil), client: lenientDesk) == .exchange)
        #expect(try outcome(stored: code(challenge: nil), client: lenientDesk) == .refused(.invalidGrant))
        #expect(try outcome(["code_verifier": nil], client: lenientDesk) == .refused(.invalidGrant))
    }

    @Test(arguments: [[:], ["code_verifier": nil], ["redirect_uri": "x"]] as [[String: String?]])
    func `a code shown again revokes, however it is shown (RFC 6749, 4.1.2)`(changes: [String: String?]) throws {
        #expect(try outcome(changes, stored: code(isUsed: true)) == .replay)
        #expect(try outcome(changes, stored: code(clientID: "other", isUsed: true), after: 7_200) == .replay)
        #expect(TokenOutcome.replay.error == .invalidGrant)
    }

    @Test func `only a client that failed to show who it is gets a 401`() {
        #expect(TokenError.invalidClient.status == 401)
        #expect(TokenError.invalidGrant.status == 400)
        #expect(TokenError.unsupportedGrantType.rawValue == "unsupported_grant_type")
    }
}
