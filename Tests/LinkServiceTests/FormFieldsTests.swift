import CurlClient
import Hummingbird
import ReplicaSupport
import Testing

@testable import LinkService

@Suite("Forms")
struct FormFieldsTests {
    @Test("A field is read by its name, and one that is not there is none")
    func fields() throws {
        let fields = try FormFields("form=a%2Bb&ticket=1+2&empty=")
        #expect(fields["form"] == "a+b" && fields["ticket"] == "1 2" && fields["empty"] == "" && fields["x"] == nil)
    }

    @Test(
        "A field that stands twice, and what is no form, is refused",
        arguments: ["form=a&form=a", "a=1&form=&b=2&form=x", "form=%", "%66orm=a&form=b", "form=%FF"])
    func refused(body: String) {
        #expect(throws: HTTPError.self) { try FormFields(body) }
    }

    @Test("Every form of ours refuses a doubled field with 400, and nothing happens")
    func everyForm() async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let token = try await replica.token()
            let page = try await browser.get("/l/\(token)")
            let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            let doubled = "form=\(proof)&form=\(proof)"
            for path in ["/l/\(token)", "/l/\(token)/instead", "/l/\(token)/fresh"] {
                #expect(try await browser.post(path, form: doubled).status == 400, "\(path)")
            }
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
            let linkRequest = try await browser.get("/new-link")
            let code = try #require(linkRequest.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            for fields in ["ticket=1&ticket=2&email=a@example.org", "ticket=1&email=a@example.org&email=b@example.org"]
            {
                let refused = try await browser.post("/new-link", form: "form=\(code)&\(fields)")
                #expect(refused.status == 400)
                #expect(refused.text.contains("Please fill in the form again"))
                #expect(refused.text.contains("<a href=\"/new-link\">"))
            }
            let long = String(repeating: "1", count: 5_000)
            let tooLong = try await browser.post("/new-link", form: "form=\(code)&ticket=\(long)&email=a@example.org")
            #expect(tooLong.status == 413 && tooLong.text.contains("Please fill in the form again"))
            let withoutCookie = try await Browser(client: service.client, base: service.url).post(
                "/new-link", form: "form=00&ticket=1&email=a@example.org")
            #expect(withoutCookie.status == 403 && withoutCookie.text.contains("<a href=\"/new-link\">"))
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request") == "0")
            #expect(try await browser.press(page).status == 303)
            let session = try await database.psql("SELECT id FROM otalink.session")
            for path in [
                "/sign-out", "/sessions/\(session)/sign-out", "/sessions/sign-out-everywhere", "/grants/1/sign-out",
                "/oidc/logout/confirm",
            ] {
                #expect(try await browser.post(path, form: "form=a&session=b&session=c").status == 400, "\(path)")
            }
            #expect(try await browser.get("/t/2026112510000018").status == 200)
        }
    }
}
