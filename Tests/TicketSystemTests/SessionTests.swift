import CurlClient
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("The connector's login")
struct SessionTests {
    private let ticket = #"{"Ticket":[{"TicketID":3,"TicketNumber":"1","State":"open","StateType":"open"}]}"#

    @Test("One login serves many calls")
    func kept() async throws {
        let desk = ReplayedDesk([.login, .always("/Ticket/3?", Fixture.json(ticket))])
        let connector = try desk.connector()
        for _ in 0..<3 { _ = try await connector.ticket(id: 3) }
        #expect(desk.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test("Login and password travel in the body only")
    func body() async throws {
        let desk = ReplayedDesk([.login, .once("/Ticket/3?", Fixture.json(ticket))])
        _ = try await desk.connector().ticket(id: 3)
        let login = try #require(desk.rawRequests.first)
        #expect(String(decoding: login.body ?? [], as: UTF8.self).contains(#""Password":"secret""#))
        #expect(desk.rawRequests.allSatisfy { !$0.url.contains("secret") && !$0.url.contains("UserLogin") })
    }

    @Test("A session that died is replaced once, and the call repeated")
    func relogin() async throws {
        let desk = ReplayedDesk([
            .login, .once("/Ticket/3?", try Fixture.response("TicketGet.session_idle_expired")),
            .once("/Ticket/3?", Fixture.json(ticket)),
        ])
        #expect(try await desk.connector().ticket(id: 3).ticket?.ticketID == 3)
        #expect(desk.requests.map { $0.prefix(4) } == ["POST", "GET ", "POST", "GET "])
    }

    @Test("A call that is refused with a fresh session as well is not repeated again")
    func reloginOnce() async throws {
        let desk = ReplayedDesk([.login, .always("/Ticket/3?", Fixture.error("TicketGet.AuthFail"))])
        let connector = try desk.connector()
        await #expect(throws: TicketSystemError(.refused(errorCode: "TicketGet.AuthFail"), operation: "TicketGet")) {
            try await connector.ticket(id: 3)
        }
        #expect(desk.requests.count == 4)
    }

    @Test("Calls that need a login at the same time share one")
    func shared() async throws {
        let desk = ReplayedDesk([.login, .always("/Ticket/3?", Fixture.json(ticket))])
        let connector = try desk.connector()
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 { group.addTask { _ = try await connector.ticket(id: 3) } }
            try await group.waitForAll()
        }
        #expect(desk.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test("A wrong password is tried ever more rarely, and opens no circuit breaker")
    func refused() async throws {
        let desk = ReplayedDesk([
            .always("POST", try Fixture.response("SessionCreate.wrong_password"))
        ])
        let connector = try desk.connector {
            $0.loginPause = .seconds(2); $0.longestLoginPause = .seconds(5)
        }
        func expectRefusal(_ pause: Int, logins: Int) async {
            await #expect(
                throws: TicketSystemError(.loginRefused(retryAfter: .seconds(pause)), operation: "SessionCreate")
            ) {
                try await connector.ticket(id: 3)
            }
            #expect(desk.requests.count == logins)
        }
        await expectRefusal(2, logins: 1)
        desk.time.advance(by: 1)
        await expectRefusal(1, logins: 1)
        desk.time.advance(by: 1)
        await expectRefusal(4, logins: 2)
        desk.time.advance(by: 4)
        await expectRefusal(5, logins: 3)
        for logins in 4...10 {
            desk.time.advance(by: 5)
            await expectRefusal(5, logins: logins)
        }
    }

    @Test("After a refused login, a good one is as good as any")
    func recovered() async throws {
        let desk = ReplayedDesk([
            .once("POST", try Fixture.response("SessionCreate.wrong_password")), .login,
            .once("/Ticket/3?", Fixture.json(ticket)),
        ])
        let connector = try desk.connector()
        await #expect(throws: TicketSystemError.self) { try await connector.ticket(id: 3) }
        desk.time.advance(by: 2)
        #expect(try await connector.ticket(id: 3).ticket != nil)
    }
}
