import CurlClient
import DemoDesk
import Logging
import Testing

@Suite("Whom the stand-in desk signs in as a customer")
struct CustomerSignInTests {
    private static let signIn = "/otobo/customer.pl?Action=Login;RequestedURL=x"
    private static let byHTTPS = [("X-Forwarded-Host", "desk.example.org"), ("X-Forwarded-Proto", "https")]

    /// As releases after OTOBO 11.0.6 do, behind a proxy and with `HTTPSForceRedirect`.
    static let requests: [(headers: [(String, String)], status: Int)] = [
        (byHTTPS + [("Remote-User", "anna"), ("X-OTOBO-Proxy-Secret", "secret")], 302),
        (byHTTPS + [("Remote-User", "anna")], 200),
        (byHTTPS + [("Remote-User", "anna"), ("X-OTOBO-Proxy-Secret", "wrong")], 200),
        (byHTTPS + [("Remote-User", "anna, eve"), ("X-OTOBO-Proxy-Secret", "secret")], 200),
        (byHTTPS, 200),
    ]

    @Test("The header signs in beside the right secret only, and the form is shown otherwise", arguments: requests)
    func secret(headers: [(String, String)], status: Int) async throws {
        let answer = try await ask(headers)
        #expect(answer.status == status)
        #expect(answer.text.contains("name=\"Password\"") == (status == 200))
    }

    @Test(
        "What did not come by https is redirected, and only a proxy that names the host is believed",
        arguments: [[], [("X-Forwarded-Proto", "https")], [("X-Forwarded-Host", "desk.example.org")]])
    func redirect(headers: [(String, String)]) async throws {
        let answer = try await ask(headers)
        #expect(answer.status == 302)
        #expect(answer.header("Location")?.hasPrefix("https://127.0.0.1:") == true)
        #expect(answer.header("Location")?.hasSuffix(Self.signIn) == true)
    }

    private func ask(_ headers: [(String, String)]) async throws -> HTTPResponse {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let desk = DemoDesk(
            configuration: DemoDeskConfiguration(agents: [], proxySecret: "secret", forcesHTTPS: true), logger: quiet)
        let client = CurlClient(logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            let url = "http://127.0.0.1:\(await desk.boundPort)\(Self.signIn)"
            let answer = try await client.send(
                HTTPRequest(method: .get, url: url, headers: headers.map { (name: $0.0, value: $0.1) }))
            await client.close()
            group.cancelAll()
            return answer
        }
    }
}
