import CurlClient
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("Addresses of links as they come back")
struct ForgivenLinksTests {
    private static let token = "0f9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789AbCd"
    private static let plain = "/l/" + token

    /// In a path, with TOKEN for the token.
    static let forgiven = [
        "/l/TOKEN</a>", "/l/TOKEN%3C/a%3E", "/l/TOKEN[/url]", "/l/TOKEN%5B/url%5D", "/l%2FTOKEN", "/l%2fTOKEN",
        "/l%2FTOKEN.",
        "/l/%20TOKEN", "/l/TOKEN%0A", "/l/TOKEN%20", "/l/TOKEN.", "/l/TOKEN%3E", "/l/TOKEN&gt;", "/l/TOKEN%22.",
        "/l/TOKEN%E2%80%9D",
        "/l/TOKEN)/", "/l%2FTOKEN</a>",
    ]
    static let refused = [
        "/l/TOKEN/x", "/l/TOKEN%2Fx", "/l/TOKENx", "/l/TOKEN-", "/l/TOKEN=", "/l//TOKEN", "/l%252FTOKEN", "/l/%2FTOKEN",
        "/L/TOKEN",
        "/lTOKEN", "/l%2FTOKEN/instead", "/l/</a>", "/l", "/", "/t/TOKEN</a>",
    ]

    @Test("What mail programs, chats and people do to a link is undone", arguments: forgiven)
    func path(form: String) {
        for prefix in ["", "/otalink"] {
            let path = prefix + form.replacing("TOKEN", with: Self.token)
            #expect(LinkPath.forgiven(path, prefix: prefix) == prefix + Self.plain)
            #expect(LinkPath.forgiven(path + "?utm=1", prefix: prefix) == prefix + Self.plain + "?utm=1")
        }
        let broken = form.replacing(
            "TOKEN", with: Self.token.prefix(20) + "%0D%0A%E2%80%8B%C2%AD" + Self.token.dropFirst(20))
        #expect(LinkPath.forgiven(broken, prefix: "") == Self.plain)
    }

    @Test(
        "Nothing else is, and an address that is in order stays as it is",
        arguments: refused + ["/l/TOKEN", "/l/TOKEN/fresh"])
    func other(form: String) {
        #expect(LinkPath.forgiven(form.replacing("TOKEN", with: Self.token), prefix: "") == nil)
        #expect(LinkPath.forgiven(form.replacing("TOKEN", with: Self.token), prefix: "/otalink") == nil)
    }

    @Test("The page comes, its button leads on, and nothing but the link is named; other addresses lead nowhere")
    func overHTTP() async throws {
        try await withService { (replica, service, database) async throws in
            let token = try await replica.token()
            for form in Self.forgiven {
                let browser = Browser(client: service.client, base: service.url)
                let page = try await browser.get(form.replacing("TOKEN", with: token))
                #expect(page.status == 200, "\(form)")
                #expect(page.text.contains("action=\"/l/\(token)\""), "\(form)")
            }
            for form in Self.refused where form != "/l//TOKEN" {
                let browser = Browser(client: service.client, base: service.url)
                let page = try await browser.get(form.replacing("TOKEN", with: token))
                #expect([404, 410].contains(page.status), "\(form): \(page.status)")
            }
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get("/l%2F\(token.prefix(9))%C2%AD\(token.dropFirst(9))%3C/a%3E")
            #expect(try await browser.press(page).status == 303)
            #expect(try await database.psql("SELECT state FROM otalink.link") == "used")
        }
    }
}
