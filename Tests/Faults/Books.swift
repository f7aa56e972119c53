import Foundation
import TestSupport

/// How often each Message-ID came to the mail server.
struct Arrivals {
    private(set) var counts: [String: Int] = [:]

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
struct Books {
    private var linkStates: [String: String] = [:]
    private var issued: [String: Int] = [:]
    /// Links by ticket that a program was given.
    private var inHand: [String: Int] = [:]
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
        let inHand = "SELECT ticket_number, count(*) FROM otalink.link WHERE origin = 'api' GROUP BY ticket_number"
        for row in try await rows(inHand, installation) { books.inHand[row[0]] = Int(row[1]) }
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
        case .issued(let link, nil):
            Self.exactlyOnce(linkStates[link] == nil ? 0 : issued[link] ?? 0)
        case .issued(let link, let ticket?):
            linkStates[link] == nil ? .lost : Self.exactlyOnce(inHand[ticket] ?? 0)
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
