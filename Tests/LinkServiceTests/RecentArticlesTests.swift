import Foundation
import ReplicaSupport
import Synchronization
import TestSupport
import Testing
import TicketSystem

@testable import LinkService

@Suite("A ticket page asks the desk once in some seconds, and says for whom", .timeLimit(.minutes(10)))
struct RecentArticlesTests {
    private struct Failure: Error {}

    private func article(_ id: Int64, text: String = "It burns.") -> TicketArticle {
        TicketArticle(articleID: id, sender: .agent, from: "", subject: "", text: text, createdAt: nil)
    }

    @Test("Articles are kept for five seconds, for each ticket by itself; a failure is not kept")
    func lifetime() async throws {
        let now = Mutex(ContinuousClock.now)
        let reads = Mutex<[Int64]>([])
        let fails = Mutex(true)
        let recent = RecentArticles(now: { now.withLock { $0 } }) { id in
            reads.withLock { $0.append(id) }
            if fails.withLock({ $0 }) { throw Failure() }
            return [article(id)]
        }
        await #expect(throws: Failure.self) { _ = try await recent(1) }
        fails.withLock { $0 = false }
        for id in [1, 1, 2, 1, 2] as [Int64] { #expect(try await recent(id).map(\.articleID) == [id]) }
        #expect(reads.withLock { $0 } == [1, 1, 2])
        now.withLock { $0 += .seconds(5) }
        _ = try await recent(1)
        #expect(reads.withLock { $0 } == [1, 1, 2, 1])
    }

    @Test("What is kept has a bound")
    func capacity() async throws {
        let reads = Mutex(0)
        let recent = RecentArticles { id in
            reads.withLock { $0 += 1 }
            return [article(id, text: String(repeating: "x", count: 9 << 20))]
        }
        for id in [1, 2, 1, 2] as [Int64] { _ = try await recent(id) }
        // The first is kept; the second has no room beside it.
        #expect(reads.withLock { $0 } == 3)
    }

    @Test("A hundred requests of one session are one call of the desk, in the session's name; a click is a sign-in")
    func page() async throws {
        try await withService { replica, base, database in
            let desk = base.desk
            let browser = Browser(client: base.client, base: base.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            desk.change { $0.callers = [] }
            _ = try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '2 minutes'")
            _ = try await browser.press(page)
            let clicks = desk.state.withLock { $0.callers }
            #expect(!clicks.isEmpty)
            #expect(clicks.allSatisfy { $0.purpose == .signIn && $0.party != nil })
            desk.change { $0.callers = [] }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await browser.get("/t/2026112510000018").status } }
                for try await status in group { #expect(status == 200) }
            }
            let state = desk.state.withLock { $0 }
            #expect(state.articleReads == 1)
            #expect(state.callers.allSatisfy { $0.purpose == .page && $0.party != nil })
            #expect(Set(state.callers.map(\.party)).count == 1)
        }
    }
}
