import CurlClient
import Foundation
import TestSupport

/// Compares what clients were told with the database, with every replica, and with what the mail server got.
struct Reckoning: Sendable {
    private(set) var kept = 0
    private(set) var lost = 0
    private(set) var doubled = 0
    /// Mails that came again with the same Message-ID.
    private(set) var repeatedMails = 0
    /// What each lost or doubled promise was.
    private(set) var findings: [String] = []

    /// - Parameters:
    ///   - ledger: of a workload that has ended.
    ///   - repeatsBefore: mails that had come again before it began.
    static func make(
        of ledger: Ledger, in installation: Installation, repeatsBefore: Int
    ) async throws -> Reckoning {
        try await installation.untilReady()
        try await settleMails(installation)
        let books = try await Books.read(installation)
        var reckoning = Reckoning()
        let promises = Set(ledger.promises)
        // Of a link that was taken back afterwards the session is no longer promised.
        let revoked = Set(promises.compactMap { if case .revoked(let link, _) = $0 { link } else { nil } })
        for promise in promises {
            var verdict = books.verdict(on: promise)
            if verdict == .kept {
                switch promise {
                case .signedIn(let link, let cookies) where !revoked.contains(link):
                    if try await !isAnswered(200, cookies, installation) { verdict = .lost }
                case .revoked(_, let cookies):
                    if try await !isAnswered(401, cookies, installation) { verdict = .lost }
                default: break
                }
            }
            reckoning.count(verdict, promise.word)
        }
        for finding in books.halves { reckoning.count(.lost, finding) }
        for finding in books.doubles { reckoning.count(.doubled, finding) }
        reckoning.repeatedMails = await Arrivals.read(installation).repeats - repeatsBefore
        return reckoning
    }

    enum Verdict { case kept, lost, doubled }

    private mutating func count(_ verdict: Verdict, _ finding: String) {
        switch verdict {
        case .kept: kept += 1
        case .lost:
            lost += 1
            findings.append("lost: \(finding)")
        case .doubled:
            doubled += 1
            findings.append("doubled: \(finding)")
        }
    }

    /// Whether all replicas answer so to the proxy's question.
    private static func isAnswered(_ status: Int, _ cookies: String, _ installation: Installation) async throws -> Bool
    {
        for replica in installation.replicas {
            let question = HTTPRequest(url: replica.url + "/auth/verify", headers: [("Cookie", cookies)])
            guard try await installation.client.send(question).status == status else { return false }
        }
        return true
    }

    /// Waits until every mail has gone out. Claims hold for a minute and a half; those of replicas that died end here at once, and
    /// those whose replica can have no more to do with them after a minute.
    private static func settleMails(_ installation: Installation) async throws {
        let end = ContinuousClock.now + .seconds(150)
        let living = installation.replicas.map { "'\($0.name)'" }.joined(separator: ", ")
        while try await installation.psql("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'queued'") != "0" {
            guard ContinuousClock.now < end else { return }
            try await installation.psql(
                """
                UPDATE otalink.mail_outbox SET claimed_until = now() - interval '1 second'
                 WHERE state = 'queued' AND claimed_until > now()
                   AND (claimed_by NOT IN (\(living)) OR claimed_until < now() + interval '30 seconds');
                UPDATE otalink.mail_outbox SET next_attempt_at = now()
                 WHERE state = 'queued' AND claimed_by IS NULL;
                NOTIFY otalink_mail;
                """)
            try await Task.sleep(for: .seconds(1))
        }
    }
}

extension Ledger.Promise {
    /// For findings; names no customer.
    var word: String {
        switch self {
        case .issued(let link, _): "link \(link) was issued"
        case .signedIn(let link, _): "link \(link) signed in"
        case .revoked(let link, _): "link \(link) was revoked"
        case .mailQueued(let ticket): "a mail was promised for ticket \(ticket)"
        case .customerCreated: "a customer user was created"
        }
    }
}
