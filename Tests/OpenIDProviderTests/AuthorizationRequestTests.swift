import OpenIDProvider
import Testing

private let redirectURI = "https://desk.example.org/otobo/customer.pl?Action=Login"
private let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
private let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
private let encodedURI = "https%3A%2F%2Fdesk.example.org%2Fotobo%2Fcustomer.pl%3FAction%3DLogin"
private let start = "client_id=desk&redirect_uri=\(encodedURI)"
private let pkce = "&code_challenge=\(challenge)&code_challenge_method=S256"
private let good = "\(start)&response_type=code&scope=openid"

private func judge(
    _ query: String, isPublic: Bool = false, mayOmitPKCE: Bool = false, mayUseIDToken: Bool = false
) throws -> AuthorizationRequest {
    let desk = RelyingParty(
        id: "desk", redirectURIs: [redirectURI], isPublic: isPublic, mayOmitPKCE: mayOmitPKCE,
        mayUseIDToken: mayUseIDToken)
    let received = try ReceivedAuthorizationRequest(encoded: query)
    return try received.judged(for: received.clientID == "desk" ? desk : nil)
}

private func refusal(_ query: String, mayUseIDToken: Bool = false, isPublic: Bool = false, mayOmitPKCE: Bool = false)
    -> AuthorizationRefusal?
{
    do {
        _ = try judge(query, isPublic: isPublic, mayOmitPKCE: mayOmitPKCE, mayUseIDToken: mayUseIDToken)
        return nil
    } catch { return error as? AuthorizationRefusal }
}

private func errorCode(_ refusal: AuthorizationRefusal?) -> OAuthError? {
    if case .redirect(let error, _) = refusal { error } else { nil }
}

private let untrusted: [(String, AuthorizationRefusal.PageReason)] = [
    ("client_id=other&redirect_uri=\(encodedURI)", AuthorizationRefusal.PageReason.unknownClient),
    ("redirect_uri=\(encodedURI)", .unknownClient), ("\(good)\(pkce)&state=%ff", .unreadable),
    ("\(good)\(pkce)&state=%", .unreadable), ("state=a&state=b&\(good)\(pkce)&client_id=other", .repeated),
    ("\(good)\(pkce)&client_id=desk", .repeated),
    ("\(good)\(pkce)&redirect_uri=x", .repeated),
    ("\(good)\(pkce)&state=\(String(repeating: "a", count: 16_384))", .tooLong),
]

private let faulty: [(String, OAuthError)] = [
    (good, OAuthError.invalidRequest), ("\(good)&code_challenge=\(challenge)", .invalidRequest),
    ("\(good)&code_challenge=\(challenge)&code_challenge_method=plain", .invalidRequest),
    ("\(good)&code_challenge=short&code_challenge_method=S256", .invalidRequest),
    ("\(good)\(pkce)&state=a&state=b", .invalidRequest), ("\(good)\(pkce)&request=x", .requestNotSupported),
    ("\(good)\(pkce)&request_uri=x", .requestURINotSupported),
    ("\(good)\(pkce)&registration=x", .registrationNotSupported),
    ("\(start)&scope=openid\(pkce)", .invalidRequest),
    ("\(start)&scope=openid&response_type=token\(pkce)", .unsupportedResponseType),
    ("\(start)&scope=email&response_type=code\(pkce)", .invalidScope),
    ("\(good)\(pkce)&response_mode=fragment", .invalidRequest),
    ("\(good)\(pkce)&response_mode=form_post", .unauthorizedClient),
    ("\(start)&scope=openid&response_type=id_token&response_mode=form_post&nonce=n", .unauthorizedClient),
    ("\(good)\(pkce)&prompt=none%20login", .invalidRequest), ("\(good)\(pkce)&prompt=other", .invalidRequest),
    ("\(good)\(pkce)&max_age=-1", .invalidRequest), ("\(good)\(pkce)&max_age=x", .invalidRequest),
]

private let verifiers: [(String?, String?, Bool)] = [
    (challenge, verifier, true), (nil, nil, true), (challenge, nil, false),
    (nil, verifier, false), (challenge, verifier + "x", false), (challenge, challenge, false),
    ("short", "short", false),
]

@Suite struct AuthorizationRequestTests {
    @Test func `a good request is taken`() throws {
        let request = try judge("\(good)\(pkce)&nonce=n&max_age=60&prompt=login")
        #expect(request.redirectURI == redirectURI)
        #expect(request.codeChallenge == challenge)
        #expect(request.maxAge == 60)
        #expect(request.prompts == [.login])
    }

    @Test(arguments: [
        "\(encodedURI)%2F", "\(encodedURI)2", "https%3A%2F%2Fdesk.example.org%2Fotobo%2Fcustomer.pl",
        "https%3A%2F%2FDESK.example.org%2Fotobo%2Fcustomer.pl%3FAction%3DLogin", "https%3A%2F%2Fevil.example.org%2F",
        "",
    ])
    func `a redirect URI that differs never gets a redirect`(uri: String) {
        let query = "client_id=desk&redirect_uri=\(uri)&response_type=code&scope=openid" + pkce
        #expect(refusal(query) == .page(.wrongRedirectURI))
    }

    @Test(arguments: untrusted)
    func `what cannot be trusted gets a page`(query: String, reason: AuthorizationRefusal.PageReason) {
        #expect(refusal(query) == .page(reason))
    }

    @Test func `a request is judged with the client that it names, and no other`() throws {
        let received = try ReceivedAuthorizationRequest(encoded: good + pkce)
        let other = RelyingParty(id: "Desk", redirectURIs: [redirectURI])
        #expect(throws: AuthorizationRefusal.page(.unknownClient)) { try received.judged(for: other) }
    }

    @Test(arguments: faulty)
    func `a bad request goes back as an error`(query: String, error: OAuthError) {
        #expect(errorCode(refusal(query)) == error)
    }

    @Test func `a combining mark hides no separator`() {
        #expect(FormParameters(encoded: "a=1&\u{301}b=2&a=3")?.repeatedName == "a")
        #expect(FormParameters(encoded: "a=1&\u{301}b=2")?["a"] == "1")
    }

    @Test func `PKCE may be left out only by a confidential client marked so`() {
        #expect(refusal(good, mayOmitPKCE: true) == nil)
        #expect(errorCode(refusal(good, isPublic: true, mayOmitPKCE: true)) == .invalidRequest)
    }

    @Test func `an ID token needs form post and a nonce`() {
        let query = "\(start)&scope=openid&response_type=id_token"
        #expect(refusal(query + "&response_mode=form_post&nonce=n", mayUseIDToken: true) == nil)
        #expect(errorCode(refusal(query + "&response_mode=form_post", mayUseIDToken: true)) == .invalidRequest)
        #expect(errorCode(refusal(query + "&response_mode=query&nonce=n", mayUseIDToken: true)) == .invalidRequest)
        #expect(errorCode(refusal(query + "&nonce=n", mayUseIDToken: true)) == .invalidRequest)
    }

    @Test(arguments: ["%", "a+b c", "a%2Bb%2520", "zażółć 😀", "&=#?;/", String(repeating: "x%", count: 1_024)])
    func `the state goes back byte for byte`(state: String) throws {
        let back = AuthorizationReturn(redirectURI: redirectURI, state: state, mode: .query)
        let url = back.url(answer: [("code", "c")], issuer: "https://links.example.org")
        #expect(url.hasPrefix(redirectURI + "&code=c&state="))
        let query = try #require(url.split(separator: "?", maxSplits: 1).last)
        let parameters = try #require(FormParameters(encoded: String(query)))
        #expect(parameters["state"].map { Array($0.utf8) } == Array(state.utf8))
        #expect(parameters["iss"] == "https://links.example.org")
    }

    @Test(arguments: verifiers)
    func `a verifier must fit its challenge`(challenge: String?, verifier: String?, isMet: Bool) {
        #expect(CodeChallenge.isMet(challenge, by: verifier) == isMet)
    }
}
