import Foundation
import Testing

@testable import OpenIDProvider

private let customer = CustomerFacts(
    subject: "c1", login: "kim", name: "Kim Example", email: "kim@example.org", isEmailVerified: true, locale: "de",
    ticket: "2026112510000026")

private func json(_ value: some Encodable) throws -> String {
    String(decoding: try ProviderDocument.encode(value), as: UTF8.self)
}

private func idToken(nonce: String? = nil, accessToken: String? = nil, scopes: Set<String>) -> IDTokenClaims {
    IDTokenClaims(
        issuer: "https://links.example.org/support", audience: "desk",
        customer: CustomerClaims(customer, scopes: scopes),
        signIn: .init(at: Date(timeIntervalSince1970: 1_700_000_000.9), sessionID: "s1"), nonce: nonce,
        accessToken: accessToken, now: Date(timeIntervalSince1970: 1_700_000_100.9), lifetime: 300)
}

private let scopes: [(Set<String>, String)] = [
    ([], #"{"sub":"c1"}"#), (["openid", "other"], #"{"sub":"c1"}"#),
    (["email"], #"{"email":"kim@example.org","email_verified":true,"sub":"c1"}"#),
    (["profile"], #"{"locale":"de","name":"Kim Example","preferred_username":"kim","sub":"c1"}"#),
    (["otalink_ticket"], #"{"otalink_ticket":"2026112510000026","sub":"c1"}"#),
]

@Suite struct ClaimsTests {
    @Test(arguments: scopes)
    func `a scope opens its claims and no others`(scopes: Set<String>, expected: String) throws {
        #expect(try json(CustomerClaims(customer, scopes: scopes)) == expected)
    }

    @Test func `what is not known of a customer is left out`() throws {
        let claims = CustomerClaims(CustomerFacts(subject: "c1"), scopes: Set(Scope.allCases.map(\.rawValue)))
        #expect(try json(claims) == #"{"sub":"c1"}"#)
    }

    @Test func `an ID token has one audience, whole seconds, and no claim that was not asked for`() throws {
        let plain =
            #"{"aud":"desk","auth_time":1700000000,"exp":1700000400,"iat":1700000095,"#
            + #""iss":"https://links.example.org/support","sid":"s1","sub":"c1"}"#
        #expect(try json(idToken(scopes: ["openid"])) == plain)
    }

    @Test func `an ID token carries nonce, hash of the access token, and the customer's claims`() throws {
        // The pair of OpenID Connect Core, A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
        let full =
            #"{"at_hash":"77QmUPtjPfzWtF2AnpK9RQ","aud":"desk","auth_time":1700000000,"email":"kim@example.org","#
            + #""email_verified":true,"exp":1700000400,"iat":1700000095,"iss":"https://links.example.org/support","#
            + #""nonce":"n/ä","sid":"s1","sub":"c1"}"#
        #expect(try json(idToken(nonce: "n/ä", accessToken: token, scopes: ["openid", "email"])) == full)
    }

    @Test func `the discovery document names what the rules allow`() throws {
        let paths = DiscoveryDocument.Paths(
            authorization: "/oidc/authorize", token: "/oidc/token", userInfo: "/oidc/userinfo", keys: "/oidc/keys",
            endSession: "/oidc/logout")
        let expected = #"""
            {"authorization_endpoint":"https://links.example.org/oidc/authorize",
            "authorization_response_iss_parameter_supported":true,"claims_parameter_supported":false,
            "claims_supported":["at_hash","aud","auth_time","email","email_verified","exp","iat","iss","locale","name",
            "nonce","otalink_ticket","preferred_username","sid","sub"],"code_challenge_methods_supported":["S256"],
            "end_session_endpoint":"https://links.example.org/oidc/logout",
            "grant_types_supported":["authorization_code","implicit"],
            "id_token_signing_alg_values_supported":["RS256"],"issuer":"https://links.example.org",
            "jwks_uri":"https://links.example.org/oidc/keys",
            "prompt_values_supported":["none","login","consent","select_account"],
            "request_parameter_supported":false,"request_uri_parameter_supported":false,
            "response_modes_supported":["query","form_post"],"response_types_supported":["code","id_token"],
            "scopes_supported":["openid","profile","email","otalink_ticket"],"subject_types_supported":["public"],
            "token_endpoint":"https://links.example.org/oidc/token",
            "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],
            "userinfo_endpoint":"https://links.example.org/oidc/userinfo"}
            """#
        let document = DiscoveryDocument(issuer: "https://links.example.org", paths: paths)
        #expect(try json(document) == expected.replacingOccurrences(of: "\n", with: ""))
    }

    @Test func `the same claims give the same bytes every time`() throws {
        let first = try json(idToken(nonce: "n", scopes: ["email", "profile"]))
        for _ in 0..<50 { #expect(try json(idToken(nonce: "n", scopes: ["profile", "email"])) == first) }
    }
}
