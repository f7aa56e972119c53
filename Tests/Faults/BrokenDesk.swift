import DemoDesk
import Foundation
import ReplicaSupport
import TestSupport

/// Fault 7: the desk is slow, away or talks nonsense for an hour. The hour is one of the database's clock, by which the age of what we
/// know of tickets is told: it jumps, so that an hour takes seconds.
struct BrokenDesk: Fault {
    static let number = 7
    /// From the moment that the desk answers again: the longest pause between two looks of a replica that found it away.
    private static let promised = Duration.seconds(60)

    private struct Trouble {
        let name: String
        let faults: DemoFaults
        /// The desk answers, only late.
        var isBearable = false
    }

    private static let troubles = [
        Trouble(name: "takes a second for each answer", faults: DemoFaults(delay: .seconds(1)), isBearable: true),
        Trouble(name: "takes ten seconds for each answer", faults: DemoFaults(delay: .seconds(10))),
        Trouble(name: "hangs", faults: DemoFaults(kind: .hang, remaining: .max)),
        Trouble(name: "answers 500", faults: DemoFaults(kind: .error, remaining: .max)),
        Trouble(name: "is away behind its gateway (502)", faults: DemoFaults(kind: .gateway, remaining: .max)),
        Trouble(name: "answers with a page in place of JSON", faults: DemoFaults(kind: .page, remaining: .max)),
        Trouble(name: "breaks off its answers", faults: DemoFaults(kind: .cut, remaining: .max)),
    ]

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let clock = try ShiftedClock()
        let cluster = try await PostgresCluster(
            settings: FaultsCommand.clusterSettings, environment: clock.environment)
        return try await withInstallation(on: cluster) { (installation) async throws in
            var rows: [FaultRow] = []
            for trouble in campaign.isShort ? Array(Self.troubles[3...3]) : Self.troubles {
                rows.append(
                    try await campaign.row(
                        Self.number, "desk \(trouble.name), for an hour", installation,
                        adjust: { $0.lanes = 1 }
                    ) { load in
                        try await endure(trouble, load, clock)
                    })
            }
            return rows
        }
    }

    /// A link in somebody's mailbox.
    private struct Waiting: Sendable {
        let link: IssuedLink
        let ticket: String
        let browser: Browser
    }

    private func endure(_ trouble: Trouble, _ load: Workload, _ clock: ShiftedClock) async throws -> [Remark] {
        let installation = load.installation
        let waiting = try await links(9, load)
        await installation.desk.setFaults(trouble.faults)
        try await untilMailsAreOut(installation)
        // What we know is no longer fresh, and good enough for a quarter of an hour.
        try clock.advance(120)
        var remarks: [Remark] = []
        var slowest: Duration = .zero
        for one in waiting[..<3] {
            let start = ContinuousClock.now
            if try await !click(one, load) {
                remarks.append(.complaint("two minutes after the last answer of the desk a link did not sign in"))
            }
            slowest = max(slowest, ContinuousClock.now - start)
        }
        remarks.append(.note("clicks within the quarter of an hour sign in, after \(slowest.text) at most"))
        if !trouble.isBearable {
            for _ in 0..<4 {
                try clock.advance(870)
                for one in waiting[3..<6] where try await click(one, load) {
                    remarks.append(.complaint("signed in by facts that are older than a quarter of an hour"))
                }
            }
            let unspent = try await unspentLinks(waiting[3...], installation)
            remarks.append(
                unspent == waiting.count - 3
                    ? .note("twelve clicks after that were told to try again; none of the \(unspent) links was spent")
                    : .complaint("\(waiting.count - 3 - unspent) links were spent without signing in"))
        } else {
            try clock.advance(3_480)
        }
        await installation.desk.setFaults(DemoFaults())
        // Each replica finds out for itself, at its next look.
        let start = ContinuousClock.now
        for one in waiting[3...] {
            while try await !click(one, load) {
                guard ContinuousClock.now - start < Self.promised * 10 else {
                    remarks.append(.complaint("a link did not sign in though the desk was well again"))
                    break
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        remarks.append(
            .time("every link signed in after the desk was well", ContinuousClock.now - start, promised: Self.promised))
        return remarks
    }

    /// The clock that jumps would end the claim on a mail that is under way.
    private func untilMailsAreOut(_ installation: Installation) async throws {
        let end = ContinuousClock.now + .seconds(10)
        let queued = "SELECT count(*) FROM otalink.mail_outbox WHERE state = 'queued'"
        while try await installation.psql(queued) != "0", ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func links(_ count: Int, _ load: Workload) async throws -> [Waiting] {
        let installation = load.installation
        try await installation.untilReady()
        var waiting: [Waiting] = []
        while waiting.count < count {
            let login = "c\(waiting.count + 1_900)@example.org"
            let ticket = await installation.newTicket(of: login)
            let (link, outcome) = try await load.issue(ticket: ticket, login: login)
            load.ledger.note(outcome)
            guard let link else { continue }
            let browser = Browser(client: installation.client, base: installation.balancer.url)
            waiting.append(Waiting(link: link, ticket: ticket, browser: browser))
        }
        return waiting
    }

    /// True if it signed in.
    private func click(_ one: Waiting, _ load: Workload) async throws -> Bool {
        let outcome = try await load.click(one.link, one.browser, ticket: one.ticket, isRepeated: false)
        load.ledger.note(outcome)
        if case .promised(.signedIn) = outcome { return true }
        return false
    }

    private func unspentLinks(_ waiting: ArraySlice<Waiting>, _ installation: Installation) async throws -> Int {
        let ids = waiting.map { "'\($0.link.id)'" }.joined(separator: ", ")
        let count = try await installation.psql(
            "SELECT count(*) FROM otalink.link WHERE state = 'active' AND id IN (\(ids))")
        return Int(count) ?? 0
    }
}
