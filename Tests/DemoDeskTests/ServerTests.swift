import CurlClient
import DemoDesk
import Logging
import Testing

@Suite("The stand-in desk as a server")
struct ServerTests {
    private static let path = "/otobo/nph-genericinterface.pl/Webservice/\(RecordedDesk.webService)"

    @Test("The admin side makes, changes and shows tickets")
    func admin() async throws {
        try await withServer { server in
            let made = try await server.post("/demo/tickets", #"{"title":"T","customer":"erika","customerID":"ACME"}"#)
            let number = try #require(made["TicketNumber"]?.scalar)
            let at = "2026-11-01T10:00:00Z"
            #expect(try await server.post("/demo/tickets/\(number)/close", #"{"at":"\#(at)"}"#)["closed"] == .text(at))
            #expect(try await server.post("/demo/tickets/\(number)/reopen", "")["state"] == "open")
            let article = #"{"subject":"S","body":"B","visible":false}"#
            #expect(try await server.post("/demo/tickets/\(number)/articles", article)["articles"] == 2)
            #expect(
                try await server.post("/demo/tickets/\(number)/customer", #"{"customer":"max"}"#)["customer"] == "max")
            let merged = try await server.post("/demo/tickets/\(number)/merge", #"{"into":"2026112510000026"}"#)
            #expect(merged["state"] == "merged")
            #expect(try await server.post("/demo/tickets/\(number)/hide", "")["hidden"] == .bool(true))
            #expect(try await server.send(.get, "/demo/tickets/1").status == 404)
            #expect(try await server.send(.post, "/demo/tickets", body: "{}").status == 400)
            #expect(try await server.send(.get, "/demo/").text.contains("/demo/faults"))
        }
    }

    @Test(
        "The web service fails as it is told, and then works again",
        arguments: [
            ("gateway", 502), ("page", 200), ("error", 500), ("cut", nil), ("hang", nil),
        ])
    func faults(_ kind: String, _ status: Int?) async throws {
        try await withServer { server in
            _ = try await server.post("/demo/faults", #"{"kind":"\#(kind)","next":1}"#)
            let target = "\(Self.path)/Ticket?UserLogin=gi&Password=gipw"
            if let status {
                #expect(try await server.send(.get, target).status == status)
            } else {
                await #expect(throws: CurlError.self) { try await server.send(.get, target, timeout: .seconds(10)) }
            }
            #expect(try await server.send(.get, target).text.contains(#""TicketID""#))
            let log = try await server.send(.get, "/demo/requests").text
            #expect(log.contains("Password=…"))
            #expect(!log.contains("gipw"))
        }
    }

    @Test("The customers' page shows the ticket and the trusted header, and signs its bearer in")
    func customerPage() async throws {
        try await withServer { server in
            let page = try await server.send(
                .get, "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=2026112510000026",
                headers: [("Remote-User", "<erika>")])
            #expect(page.text.contains("<dd>2026112510000026</dd>"))
            #expect(page.text.contains("<dd>&lt;erika&gt;</dd>"))
            let wanted = "Action%3DCustomerTicketZoom%3BTicketNumber%3D2026112510000026"
            let login = try await server.send(
                .get, "/otobo/customer.pl?Action=Login;RequestedURL=\(wanted)",
                headers: [("Remote-User", "erika"), ("Cookie", "OTOBOBrowserHasCookie=1")])
            #expect(login.status == 302)
            let location = try #require(login.header("Location"))
            #expect(location == "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=2026112510000026")
            let cookie = try #require(login.header("Set-Cookie")?.split(separator: ";").first)
            let landed = try await server.send(.get, location, headers: [("Cookie", String(cookie))])
            #expect(landed.text.contains("<dt>Signed in</dt><dd>erika</dd>"))
        }
    }

    @Test("A mail posted to the admin side becomes a ticket")
    func mail() async throws {
        try await withServer { server in
            let made = try await server.post("/demo/mail", "From: a@kunde.example\r\nSubject: Hilfe\r\n\r\nText\r\n")
            let number = try #require(made["TicketNumber"]?.scalar)
            #expect(await server.state.ticket(number)?.customerLogin == "a@kunde.example")
        }
    }

    /// A server on a port of its own, and a client for it.
    private struct RunningServer {
        let state: DemoDeskState
        let client: CurlClient
        let origin: String

        func send(
            _ method: HTTPRequest.Method, _ target: String, headers: [(name: String, value: String)] = [],
            body: String? = nil, timeout: Duration = .seconds(60)
        ) async throws -> HTTPResponse {
            try await client.send(
                HTTPRequest(
                    method: method, url: origin + target, headers: headers, body: body.map { Array($0.utf8) },
                    timeout: timeout))
        }

        func post(_ target: String, _ body: String) async throws -> DeskJSON {
            try #require(DeskJSON(parsing: try await send(.post, target, body: body).body))
        }
    }

    private func withServer(_ body: (RunningServer) async throws -> Void) async throws {
        let state = await RecordedDesk.make()
        let desk = DemoDesk(state, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let client = CurlClient(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            let port = await desk.boundPort
            try await body(RunningServer(state: state, client: client, origin: "http://127.0.0.1:\(port)"))
            await client.close()
            group.cancelAll()
        }
    }
}
