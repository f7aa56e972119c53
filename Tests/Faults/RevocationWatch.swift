import CurlClient
import Foundation
import ReplicaSupport
import Synchronization
import TestSupport

/// Asks every replica about one session without a pause, and notes what is still accepted after its revocation.
final class RevocationWatch: Sendable {
    struct Outcome {
        /// Sessions times replicas.
        var watched = 0
        /// Where a request was accepted that was sent too late.
        var broken = 0
        var latest: Duration = .zero
    }

    /// After the revocation, or after the replica runs again.
    static let promised = Duration.seconds(1)

    let installation: Installation
    let proxies: [TCPProxy]
    private let outcome = Mutex(Outcome())

    init(installation: Installation, proxies: [TCPProxy] = []) {
        self.installation = installation
        self.proxies = proxies
    }

    var result: Outcome { outcome.withLock { $0 } }

    /// Adds what was watched to a row.
    func add(to row: inout FaultRow) {
        let result = result
        row.tried += result.watched
        row.answered += result.watched
        row.kept += result.watched - result.broken
        row.lost += result.broken
        row.add(
            .note(
                "the latest request that was accepted was sent \(result.latest.text) after the revocation, promised \(Self.promised.text)"
            ))
    }

    /// Cookies of a new session, which every replica remembers.
    func newSession(_ load: Workload) async throws -> (link: String, cookies: String) {
        try await installation.untilReady()
        // The balancer may not have noticed yet that all is well.
        for _ in 0..<100 {
            if let session = try? await openSession(load) { return session }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Broken("no session can be opened")
    }

    private func openSession(_ load: Workload) async throws -> (link: String, cookies: String)? {
        let login = "c1@example.org"
        let ticket = await installation.newTicket(of: login)
        guard let link = try await load.issue(ticket: ticket, login: login).0 else { return nil }
        let browser = Browser(client: installation.client, base: installation.balancer.url)
        guard case .promised(.signedIn) = try await load.click(link, browser, ticket: ticket, isRepeated: false) else {
            return nil
        }
        for replica in installation.replicas {
            for _ in 0..<2 where try await !isAccepted(browser.cookies, by: replica) { return nil }
        }
        return (link.id, browser.cookies)
    }

    /// Watches while the body revokes the session, and for some seconds more.
    ///
    /// - Parameters:
    ///   - paused: the moment that the body answers counts for this replica only; nil: for all.
    ///   - body: gets what revokes and says when it was done; answers the moment from which the second counts.
    func during(
        _ session: (link: String, cookies: String), paused: ReplicaProcess? = nil,
        _ body:
            @escaping @Sendable (_ revoke: @Sendable () async throws -> ContinuousClock.Instant) async throws ->
            ContinuousClock.Instant
    ) async throws {
        let moments = Moments()
        try await withThrowingTaskGroup(of: (Int, ContinuousClock.Instant?).self) { group in
            for replica in installation.replicas {
                group.addTask { [self] in
                    var latest: ContinuousClock.Instant?
                    while !moments.isOver.withLock({ $0 }) {
                        let sentAt = ContinuousClock.now
                        if (try? await isAccepted(session.cookies, by: replica)) == true { latest = sentAt }
                    }
                    return (replica.number, latest)
                }
            }
            let reference = try await body { [installation] in
                try await installation.psql(
                    "UPDATE otalink.session SET revoked_at = now() WHERE link_id = '\(session.link)'")
                let now = ContinuousClock.now
                moments.revokedAt.withLock { $0 = now }
                return now
            }
            try await Task.sleep(for: .seconds(3))
            moments.isOver.withLock { $0 = true }
            for try await (number, latest) in group {
                let isPaused = paused.map { $0.number == number } ?? true
                let begin = isPaused ? reference : moments.revokedAt.withLock { $0 } ?? reference
                note(latest.map { $0 - begin } ?? .zero)
            }
        }
    }

    private final class Moments: Sendable {
        let revokedAt = Mutex<ContinuousClock.Instant?>(nil)
        let isOver = Mutex(false)
    }

    private func note(_ lateness: Duration) {
        outcome.withLock { outcome in
            outcome.watched += 1
            outcome.latest = max(outcome.latest, lateness)
            if lateness > Self.promised { outcome.broken += 1 }
        }
    }

    private func isAccepted(_ cookies: String, by replica: ReplicaProcess) async throws -> Bool {
        let question = HTTPRequest(url: replica.url + "/auth/verify", headers: [("Cookie", cookies)])
        return try await installation.client.send(question).status == 200
    }
}
