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
        case .issued(let link): "link \(link) was issued"
        case .signedIn(let link, _): "link \(link) signed in"
        case .revoked(let link, _): "link \(link) was revoked"
        case .mailQueued(let ticket): "a mail was promised for ticket \(ticket)"
        case .customerCreated: "a customer user was created"
        }
    }
}

/// How often each Message-ID came to the mail server.
struct Arrivals {
    fileprivate var counts: [String: Int] = [:]

    static func read(_ installation: Installation) async -> Arrivals {
        var arrivals = Arrivals()
        for mail in await installation.sink.mails() {
            guard let id = mail.text.firstMatch(of: /Message-ID: <([^@>]+)@/)?.1 else { continue }
            arrivals.counts[String(id), default: 0] += 1
        }
        return arrivals
    }

    /// Mails that came again.
    var repeats: Int { counts.values.reduce(0) { $0 + $1 - 1 } }
}

/// What stands in the database and at the mail server.
private struct Books {
    private var linkStates: [String: String] = [:]
    private var issued: [String: Int] = [:]
    private var redeemed: [String: Int] = [:]
    private var revoked: [String: Int] = [:]
    private var sessions: [String: (count: Int, open: Int)] = [:]
    /// Mails by ticket.
    private var mails: [String: [(id: String, state: String)]] = [:]
    private var customers: [String: Int] = [:]
    private var created: [String: Int] = [:]
    private var arrivals = Arrivals()
    /// What was done by half.
    private(set) var halves: [String] = []
    /// What was done twice though nobody was told.
    private(set) var doubles: [String] = []

    static func read(_ installation: Installation) async throws -> Books {
        var books = Books()
        for row in try await rows("SELECT id, state FROM otalink.link", installation) {
            books.linkStates[row[0]] = row[1]
        }
        let events = """
            SELECT event, link_id, count(*) FROM otalink.audit_event
             WHERE event IN ('link.issued', 'link.redeemed', 'link.revoked') GROUP BY event, link_id
            """
        for row in try await rows(events, installation) {
            switch row[0] {
            case "link.issued": books.issued[row[1]] = Int(row[2])
            case "link.redeemed": books.redeemed[row[1]] = Int(row[2])
            default: books.revoked[row[1]] = Int(row[2])
            }
        }
        let sessions = """
            SELECT link_id, count(*), count(*) FILTER (WHERE revoked_at IS NULL) FROM otalink.session GROUP BY link_id
            """
        for row in try await rows(sessions, installation) {
            books.sessions[row[0]] = (Int(row[1]) ?? 0, Int(row[2]) ?? 0)
        }
        for row in try await rows("SELECT ticket_number, id, state FROM otalink.mail_outbox", installation) {
            books.mails[row[0], default: []].append((row[1], row[2]))
        }
        let customers = "SELECT email, count(*) FROM otalink.customer_user WHERE login LIKE 'n%' GROUP BY email"
        for row in try await rows(customers, installation) { books.customers[row[0]] = Int(row[1]) }
        let created = """
            SELECT customer_login, count(*) FROM otalink.audit_event
             WHERE event = 'customer.created' GROUP BY customer_login
            """
        for row in try await rows(created, installation) { books.created[row[0]] = Int(row[1]) }
        books.arrivals = await Arrivals.read(installation)
        books.lookForHalvesAndDoubles()
        return books
    }

    func verdict(on promise: Ledger.Promise) -> Reckoning.Verdict {
        switch promise {
        case .issued(let link):
            Self.exactlyOnce(linkStates[link] == nil ? 0 : issued[link] ?? 0)
        case .signedIn(let link, _):
            Self.exactlyOnce(min(sessions[link]?.count ?? 0, redeemed[link] ?? 0))
        case .revoked(let link, _):
            linkStates[link] == "revoked" && sessions[link]?.open ?? 0 == 0
                ? Self.exactlyOnce(revoked[link] ?? 0) : .lost
        case .mailQueued(let ticket):
            mails[ticket, default: []].allSatisfy { $0.state == "sent" && arrivals.counts[$0.id] != nil }
                ? Self.exactlyOnce(mails[ticket, default: []].count) : .lost
        case .customerCreated(let login):
            Self.exactlyOnce(max(customers[login] ?? 0, created[login] ?? 0))
        }
    }

    private static func exactlyOnce(_ count: Int) -> Reckoning.Verdict {
        count == 0 ? .lost : count == 1 ? .kept : .doubled
    }

    private mutating func lookForHalvesAndDoubles() {
        for (link, state) in linkStates {
            if state == "used", sessions[link] == nil {
                halves.append("link \(link) is used, and no session was opened")
            }
            if sessions[link]?.count ?? 0 > 1 { doubles.append("link \(link) opened several sessions") }
            if issued[link] != 1 { doubles.append("link \(link) was issued \(issued[link] ?? 0) times") }
            if redeemed[link] ?? 0 > 1 { doubles.append("link \(link) was redeemed several times") }
        }
        for (ticket, mails) in mails where mails.count > 1 { doubles.append("several mails for ticket \(ticket)") }
        let known = Set(mails.values.joined().map(\.id))
        for id in arrivals.counts.keys where !known.contains(id) { doubles.append("mail \(id) is in no outbox") }
    }

    private static func rows(_ sql: String, _ installation: Installation) async throws -> [[String]] {
        try await installation.psql(sql).split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
