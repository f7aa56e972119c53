import Foundation
import OpenIDProvider
import Testing

private struct Row: Sendable, CustomTestStringConvertible {
    let query: String
    /// Seconds before now.
    let signedIn: Double?
    let asked: Double?
    let expected: SignInDecision
    var testDescription: String {
        "\(query), signed in \(signedIn?.description ?? "never"), asked \(asked?.description ?? "never")"
    }

    init(_ query: String, _ signedIn: Double?, _ asked: Double?, _ expected: SignInDecision) {
        self.query = query
        self.signedIn = signedIn
        self.asked = asked
        self.expected = expected
    }
}

private let rows: [Row] = [
    Row("", 100, nil, .answer), Row("", nil, nil, .signIn), Row("", nil, 10, .page), Row("", 5, 10, .answer),
    // The session was there before we asked, and does.
    Row("", 100, 10, .answer),
    Row("&prompt=none", 100, nil, .answer), Row("&prompt=none", nil, nil, .loginRequired),
    Row("&prompt=none", nil, 10, .loginRequired),
    Row("&prompt=login", nil, nil, .signIn), Row("&prompt=login", 1, nil, .signIn),
    Row("&prompt=login", 100, 10, .page), Row("&prompt=login", 10, 10, .answer), Row("&prompt=login", 5, 10, .answer),
    Row("&prompt=select_account", 100, nil, .signIn), Row("&prompt=select_account", 5, 10, .answer),
    Row("&prompt=consent", 100, nil, .answer), Row("&prompt=consent", nil, nil, .signIn),
    Row("&prompt=login%20consent", 100, nil, .signIn),
    Row("&max_age=60", 60, nil, .answer), Row("&max_age=60", 61, nil, .signIn), Row("&max_age=60", 61, 10, .page),
    Row("&max_age=60", nil, nil, .signIn), Row("&max_age=0", 0, nil, .signIn), Row("&max_age=0", 5, 10, .answer),
    Row("&max_age=60", 300, 400, .answer),
    Row("&max_age=60&prompt=none", 61, nil, .loginRequired), Row("&max_age=60&prompt=none", 60, nil, .answer),
    Row("&max_age=60&prompt=login", 30, nil, .signIn),
]

@Suite struct SignInDecisionTests {
    @Test(arguments: rows)
    fileprivate func `prompt and max_age are held against the session`(row: Row) throws {
        let uri = "https://desk.example.org/"
        let start = "client_id=desk&redirect_uri=https%3A%2F%2Fdesk.example.org%2F&response_type=code&scope=openid"
        let client = RelyingParty(id: "desk", redirectURIs: [uri], mayOmitPKCE: true)
        let request = try ReceivedAuthorizationRequest(encoded: start + row.query).judged(for: client)
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let decision = SignInDecision.decide(
            request, signedInAt: row.signedIn.map { now.addingTimeInterval(-$0) },
            askedAt: row.asked.map { now.addingTimeInterval(-$0) }, now: now)
        #expect(decision == row.expected)
    }

    @Test func `a posted answer carries the same fields as a redirect, unescaped`() {
        let back = AuthorizationReturn(redirectURI: "https://desk.example.org/", state: "a%2Bb<\"&", mode: .formPost)
        let fields = back.fields(answer: [("id_token", "x.y.z")], issuer: "https://links.example.org")
        #expect(fields.map(\.name) == ["id_token", "state", "iss"])
        #expect(fields.map(\.value) == ["x.y.z", "a%2Bb<\"&", "https://links.example.org"])
        let stateless = AuthorizationReturn(redirectURI: "https://desk.example.org/", state: nil, mode: .formPost)
        #expect(stateless.fields(answer: [("error", "login_required")], issuer: "i").map(\.name) == ["error", "iss"])
    }
}
