import Foundation
import LinkActs
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import Testing

@Suite("Remembered sessions")
struct SessionCacheTests {
    private let id = UUID.version7()
    private let start = ContinuousClock.now

    private func filled() throws -> SessionCache {
        let cache = SessionCache()
        cache.apply(.listening(sentAt: start))
        remember(in: cache, under: cache.ticketForReading())
        return cache
    }

    private func remember(in cache: SessionCache, under reading: UInt64) {
        guard let ticket = try? exampleTicket() else { return }
        let customer = CustomerUser(
            login: "anna@example.org", email: "anna@example.org", customerID: "", firstName: "", lastName: "")
        let grant = SessionGrant(id: 1, linkID: nil, ticketNumber: ticket.number, createdAt: .distantPast)
        let held = HeldGrant(grant: grant, access: .ticket(ticket), until: .distantFuture)
        cache.remember(
            SessionCache.Entry(
                customer: customer,
                grants: [.init(held: held, until: start + .seconds(30), freshUntil: start + .seconds(30))],
                idleEnd: start + .seconds(50), touchDue: start + .seconds(60)),
            for: id, readUnder: reading)
    }

    @Test("Counts for a second after a round trip was sent, and no longer")
    func lease() throws {
        let cache = try filled()
        #expect(cache.entry(for: id, at: start + .milliseconds(999)) != nil)
        #expect(cache.entry(for: id, at: start + .seconds(1)) == nil)
        cache.apply(.confirmed(sentAt: start + .milliseconds(800)))
        #expect(cache.entry(for: id, at: start + .milliseconds(1_700)) != nil)
        cache.apply(.lost)
        #expect(cache.entry(for: id, at: start + .milliseconds(1_700)) == nil)
    }

    @Test("Ends with the session's own time")
    func validity() throws {
        let cache = try filled()
        cache.apply(.confirmed(sentAt: start + .seconds(30)))
        #expect(cache.entry(for: id, at: start + .seconds(30)) == nil)
    }

    @Test(
        "A notice forgets what it names",
        arguments: [
            ("customer anna@example.org", true), ("customer bert@example.org", false),
            ("ticket 2026112510000018", true), ("ticket 2026112510000026", false), ("all", true),
            ("something newer", true), ("", true), ("session 00000000-0000-7000-8000-000000000000", false),
        ])
    func notices(payload: String, isForgotten: Bool) throws {
        let cache = try filled()
        cache.apply(.notification(channel: "otalink_access", payload: payload))
        #expect((cache.entry(for: id, at: start) == nil) == isForgotten)
    }

    @Test("A notice of the session itself forgets it, and what was read before the notice is not remembered after it")
    func race() throws {
        let cache = try filled()
        let reading = cache.ticketForReading()
        cache.apply(.notification(channel: "otalink_access", payload: "session \(id.uuidString.lowercased())"))
        #expect(cache.entry(for: id, at: start) == nil)
        remember(in: cache, under: reading)
        #expect(cache.entry(for: id, at: start) == nil)
    }
}
