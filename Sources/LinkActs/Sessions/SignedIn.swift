import Foundation
import OneTimeLinks

/// Somebody who is signed in.
public struct SignedIn: Sendable {
    public let session: UUID
    /// True when the browser's cookie names a session that this one has replaced: the answer is to set the cookie of this one.
    public let isFollowed: Bool
    private let entry: SessionCache.Entry
    private let moment: ContinuousClock.Instant

    init(session: UUID, entry: SessionCache.Entry, isFollowed: Bool = false) {
        self.session = session
        self.entry = entry
        self.isFollowed = isFollowed
        moment = .now
    }

    public var customer: CustomerUser { entry.customer }

    /// `account` while a grant counts at the desk.
    public var scope: SessionScope { countingGrant == nil ? .ticket : .account }

    /// True if it shows more than the tickets of its grants: which ones is asked for each.
    var showsAllTickets: Bool { grants.contains { $0.held.grant.showsAllTickets } }

    /// The number of the ticket that it is shown by at the desk, or else of the newest one; nil: it is for all of the person's.
    public var sessionTicket: TicketNumber? { leadingGrant?.held.grant.ticketNumber }

    /// The link that it was signed in with.
    public var link: UUID? { leadingGrant?.held.grant.linkID }

    /// When it was signed in last, by the database's clock.
    public var signedInAt: Date { leadingGrant?.held.grant.createdAt ?? .distantPast }

    /// When access to the ticket ends, if the session is not used and nothing else changes.
    public func validUntil(for number: TicketNumber) -> ContinuousClock.Instant {
        let all = grants.filter { $0.held.isFor(number) || $0.held.grant.showsAllTickets }
        return min(entry.idleEnd, all.map(\.until).max() ?? entry.idleEnd)
    }

    /// True if a click has given it one of the tickets, whatever has become of the ticket since.
    func hasGrant(for numbers: Set<TicketNumber>) -> Bool {
        grants.contains { grant in
            guard let number = grant.held.grant.ticketNumber else { return true }
            return numbers.contains(number) || grant.held.ticket.map { numbers.contains($0.number) } == true
        }
    }

    /// What is known freshly of a ticket that it has a grant for.
    func standing(of number: TicketNumber) -> TicketStanding {
        guard let grant = grants.first(where: { $0.held.isFor(number) }) else { return .none }
        guard moment < grant.freshUntil else { return grant.isDeskAway ? .deskAway : .stale }
        return grant.held.ticket.map(TicketStanding.shown) ?? .refused
    }

    private var grants: [SessionCache.Entry.Grant] { entry.grants.filter { moment < $0.until } }
    private var countingGrant: SessionCache.Entry.Grant? { grants.first { $0.held.grant.countsAtDesk } }
    private var leadingGrant: SessionCache.Entry.Grant? {
        countingGrant ?? grants.first { $0.held.isGood } ?? grants.first
    }
}

/// What a session says of one ticket.
enum TicketStanding {
    /// It has no grant for it.
    case none
    case shown(Ticket)
    case refused
    /// The desk has to be asked.
    case stale
    /// It was asked just now, and did not answer.
    case deskAway
}
