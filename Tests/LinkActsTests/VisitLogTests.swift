import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkActs

@Suite("Visits of links in the audit trail")
struct VisitLogTests {
    private let start = ContinuousClock.now

    private func visit(_ link: UUID, _ visitor: LinkVisitor = .person(.navigation)) -> LinkVisit {
        LinkVisit(
            link: link, visitor: visitor,
            context: RequestContextFacts(clientAddress: "203.0.113.7", userAgent: "Mozilla/5.0", requestID: "r-1"))
    }

    private func limits(_ change: (inout VisitLimits) -> Void) -> VisitLimits {
        var limits = VisitLimits()
        change(&limits)
        return limits
    }

    @Test("One link is written down so often within an hour, people and scanners each, and again in the next hour")
    func perLink() {
        var buffer = VisitBuffer(limits: limits { $0.perLink = 2 }, now: start)
        let (link, other) = (UUID.version7(), UUID.version7())
        for _ in 0..<5 {
            buffer.add(visit(link), at: start)
            buffer.add(visit(link, .scanner(.head)), at: start)
        }
        buffer.add(visit(other), at: start)
        let first = buffer.take(at: start + .seconds(2))
        #expect(first.visits.count == 5 && first.leftOut == 6)
        #expect(first.visits.allSatisfy { $0.age == 2 })
        buffer.add(visit(link), at: start + .seconds(3599))
        #expect(buffer.take(at: start + .seconds(3599)).leftOut == 1)
        buffer.add(visit(link), at: start + .seconds(3600))
        #expect(buffer.take(at: start + .seconds(3601)).visits.count == 1)
    }

    @Test("A flood over many links is bounded within an hour, and in what waits at a time")
    func flood() {
        var buffer = VisitBuffer(
            limits: limits {
                $0.perHour = 50
                $0.waiting = 20
            }, now: start)
        var written = 0
        var leftOut = 0
        for _ in 0..<10 {
            for _ in 0..<100 { buffer.add(visit(.version7()), at: start) }
            let taken = buffer.take(at: start)
            #expect(taken.visits.count <= 20)
            written += taken.visits.count
            leftOut += taken.leftOut
        }
        #expect(written == 50 && leftOut == 950)
    }

    @Test("What could not be written waits as far as there is room, the older in front, and keeps its time")
    func giveBack() {
        var buffer = VisitBuffer(limits: limits { $0.waiting = 3 }, now: start)
        let links = (0..<4).map { _ in UUID.version7() }
        buffer.add(visit(links[0]), at: start)
        buffer.add(visit(links[1]), at: start)
        let taken = buffer.take(at: start + .seconds(1)).visits
        buffer.add(visit(links[2]), at: start + .seconds(1))
        buffer.add(visit(links[3]), at: start + .seconds(1))
        buffer.giveBack(taken, at: start + .seconds(5))
        let again = buffer.take(at: start + .seconds(5))
        #expect(again.visits.map(\.visit.link) == [links[0], links[2], links[3]] && again.leftOut == 1)
        #expect(again.visits.map(\.age) == [1, 4, 4])
    }

    @Test("A visit has ticket and person of its link beside it, and one of a deleted link its id alone")
    func facts() async throws {
        try await withReplicas { replicas, _, database in
            let replica = replicas[0]
            let token = try await replica.token()
            let link = try #require(replica.keys.verify(token, as: .link))
            let log = VisitLog(audit: replica.store.audit, logger: .quiet)
            let gone = UUID.version7()
            log.note(visit(link))
            log.note(visit(link, .scanner(.knownAgent)))
            log.note(visit(gone, .scanner(.head)))
            await log.write()
            let written = try await database.psql(
                """
                SELECT event, link_id = '\(link)', ticket_number, customer_login, reason, client_address, request_id,
                       at BETWEEN now() - interval '1 minute' AND now()
                  FROM otalink.audit_event WHERE event IN ('link.opened', 'link.scanned') ORDER BY id
                """
            ).split(separator: "\n")
            let rest = "203.0.113.7|r-1|t"
            #expect(
                written == [
                    "link.opened|t|2026112510000018|anna@example.org|navigation|\(rest)",
                    "link.scanned|t|2026112510000018|anna@example.org|known-agent|\(rest)",
                    "link.scanned|f|||head|\(rest)",
                ])
            await log.write()
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_visits") == "3")
        }
    }

    @Test("While the database refuses, visits wait, and are written once it takes them")
    func refused() async throws {
        try await withReplicas { replicas, _, database in
            let log = VisitLog(audit: replicas[0].store.audit, logger: .quiet)
            log.note(visit(.version7()))
            try await database.psql("ALTER TABLE otalink.audit_event ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
            await log.write()
            await log.write()
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_visits") == "0")
            try await database.psql("ALTER TABLE otalink.audit_event DROP CONSTRAINT full_disk")
            await log.write()
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_visits") == "1")
        }
    }
}
