import CurlClient
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("The connector and a desk that does not answer")
struct TransportTests {
    static let troubles: [(CurlError.Kind, TicketSystemError.Kind)] = [
        (.couldNotConnect, .unreachable), (.couldNotResolve, .unreachable), (.cutShort, .unreachable),
        (.timedOut, .timedOut), (.tls(reason: "secret-host"), .untrusted), (.invalidURL, .misconfigured),
        (.bodyTooLarge, .badAnswer(.tooLarge)), (.other(code: 56), .unreachable),
    ]

    @Test("The client's failures say what they mean for the desk", arguments: troubles)
    func kinds(_ failure: CurlError.Kind, _ kind: TicketSystemError.Kind) async throws {
        let connector = try ReplayedDesk([.login, .failing("/Ticket/3?", failure)]).connector()
        await #expect(throws: TicketSystemError(kind, operation: "TicketGet")) { try await connector.ticket(id: 3) }
    }

    @Test("A desk that fails again and again is left alone, and asked by a single call later")
    func breaker() async throws {
        let desk = ReplayedDesk([.login, .failing("/Ticket/3?", .timedOut)])
        let connector = try desk.connector { $0.breaker = .init(failuresToOpen: 2, pause: .seconds(5)) }
        func kind() async -> TicketSystemError.Kind? {
            do {
                _ = try await connector.ticket(id: 3)
                return nil
            } catch {
                return (error as? TicketSystemError)?.kind
            }
        }
        #expect(await kind() == .timedOut)
        #expect(await kind() == .timedOut)
        #expect(await kind() == .circuitOpen(retryAfter: .seconds(5)))
        #expect(desk.requests.count == 3)
        desk.time.advance(by: 5)
        #expect(await kind() == .timedOut)
        #expect(await kind() == .circuitOpen(retryAfter: .seconds(10)))
        #expect(desk.requests.count == 4)
    }

    @Test(
        "Errors of the desk itself never open the breaker",
        arguments: [
            Fixture.error("TicketGet.InvalidParameter"), HTTPResponse(status: 500), Fixture.json("{"),
        ])
    func answersDoNotCount(_ response: HTTPResponse) async throws {
        let desk = ReplayedDesk([.login, .always("/Ticket/3?", response)])
        let connector = try desk.connector { $0.breaker = .init(failuresToOpen: 2) }
        for _ in 0..<5 {
            let error = await #expect(throws: TicketSystemError.self) { try await connector.ticket(id: 3) }
            #expect(error?.isTransient == false)
        }
        #expect(desk.requests.count == 6)
    }

    @Test("Turns are given in order, taken back from who waits too long or is cancelled")
    func turns() async throws {
        let turns = RequestTurns(limit: 1)
        let page = DeskCaller(.page)
        #expect(try await turns.enter(page, within: .seconds(60)))
        #expect(try await turns.enter(page, within: .milliseconds(1)) == false)
        let cancelled = Task { try await turns.enter(page, within: .seconds(60)) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let next = Task { try await turns.enter(page, within: .seconds(60)) }
        await turns.leave(page)
        #expect(try await next.value)
        await turns.leave(page)
        #expect(try await turns.enter(page, within: .zero))
    }
}
