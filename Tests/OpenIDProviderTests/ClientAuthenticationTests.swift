import Foundation
import OpenIDProvider
import Testing

private func read(basic: String?, body: String = "grant_type=authorization_code") throws -> ClientAuthentication? {
    let header = basic.map { "Basic " + Data($0.utf8).base64EncodedString() }
    return ClientAuthentication(authorization: header, form: try #require(FormParameters(encoded: body)))
}

@Suite struct ClientAuthenticationTests {
    @Test func `a Basic header is read as it is and urlencoded, each with its own secret`() throws {
        let readings = [
            ClientAuthentication.Credentials(clientID: "a%2Bb", secret: "s%3At"),
            ClientAuthentication.Credentials(clientID: "a+b", secret: "s:t"),
        ]
        #expect(try read(basic: "a%2Bb:s%3At") == .secret(readings: readings))
        #expect(try read(basic: "desk:s") == .secret(readings: [.init(clientID: "desk", secret: "s")]))
    }

    @Test func `the body may carry id and secret, or the id of a public client`() throws {
        let secret = try read(basic: nil, body: "client_id=desk&client_secret=s%2Bt")
        #expect(secret == .secret(readings: [.init(clientID: "desk", secret: "s+t")]))
        #expect(try read(basic: nil, body: "client_id=desk") == ClientAuthentication.none(clientID: "desk"))
    }

    @Test(arguments: [
        (String?.none, "a=b"), ("desk:s", "client_secret=s"), ("desk:s", "client_id=other"), ("desk", "a=b"),
        (":s", "a=b"), ("desk:", "a=b"), (nil, "client_id=a&client_id=b"),
    ])
    func `none, two at once and unreadable ones are refused`(basic: String?, body: String) throws {
        #expect(try read(basic: basic, body: body) == nil)
    }
}
