import Foundation

/// What is known of a ticket, and since when.
public struct TicketFacts: Hashable, Sendable {
    /// What the desk said; nil when the ticket was invisible to us: unknown, deleted or forbidden, which the desk
    /// does not tell apart.
    public var ticket: Ticket?
    /// When the desk said it, by the database's clock.
    public var readAt: Date
    /// When the desk last reported that something happened to the ticket; nil: it never did, or it was asked just now.
    public var reportedAt: Date?

    public init(ticket: Ticket?, readAt: Date, reportedAt: Date? = nil) {
        self.ticket = ticket
        self.readAt = readAt
        self.reportedAt = reportedAt
    }
}

/// How much the facts about a ticket are worth at a moment.
public enum Freshness: Sendable {
    /// Good as they are.
    case fresh
    /// The desk should be asked; if it does not answer in time, they still count.
    case usable
    /// Too old to decide anything.
    case stale
}

extension TicketFacts {
    /// Facts are fresh for a minute, unless the desk reports something.
    public static let freshFor: TimeInterval = 60
    /// Facts may be used for a quarter of an hour when the desk does not answer.
    public static let usableFor: TimeInterval = 15 * 60

    /// True if something has happened to the ticket since it was read.
    private var isOutdated: Bool { reportedAt.map { readAt <= $0 } ?? false }

    /// Until when these facts are fresh.
    public var freshUntil: Date { isOutdated ? .distantPast : readAt.addingTimeInterval(Self.freshFor) }

    /// How much these facts are worth at `now`.
    public func freshness(at now: Date) -> Freshness {
        let age = now.timeIntervalSince(readAt)
        if age < Self.freshFor, !isOutdated { return .fresh }
        return age < Self.usableFor ? .usable : .stale
    }
}

/// May this person see this ticket now?
public enum TicketAccess: Hashable, Sendable {
    /// Yes; the ticket is the one at the end of the chain of merges. `until` is when the answer turns to no by the
    /// passing of time alone: the last close plus the access days, nil while the ticket is open.
    case granted(Ticket, until: Date?)
    /// No, for good or until something changes at the desk.
    case refused(TicketRefusal)

    /// Judges the last link of a chain of merges.
    ///
    /// - Parameters:
    ///   - chain: the facts from the ticket itself to the one that it was finally merged into.
    ///   - login: the customer user who wants to see it.
    ///   - accessDays: days that access lasts after the last close (`OneTimeAuth::AccessDaysAfterClose`); 0: none.
    ///   - now: the moment of the decision.
    public static func judge(chain: [TicketFacts], login: String, accessDays: Int, at now: Date) -> TicketAccess {
        guard let ticket = chain.last?.ticket else { return .refused(.invisible) }
        switch ticket.stateType {
        case .removed: return .refused(.removed)
        // A merged ticket at the end of the chain leads to a ticket that nobody could find.
        case .merged: return .refused(.mergedIntoUnknown)
        case .closed, .new, .open, .pendingReminder, .pendingAuto, .other: break
        }
        guard let owner = ticket.customerLogin, owner.utf8.elementsEqual(login.utf8) else {
            return .refused(.customerChanged)
        }
        guard ticket.stateType == .closed else { return .granted(ticket, until: nil) }
        // A closed ticket whose time of closing the desk does not tell could have been closed for years.
        guard let closedAt = ticket.closedAt else { return .refused(.closeTimeUnknown) }
        let end = closedAt.addingTimeInterval(TimeInterval(accessDays) * 86_400)
        return now < end ? .granted(ticket, until: end) : .refused(.closedTooLong)
    }
}

/// Why a ticket may not be seen.
public enum TicketRefusal: String, Hashable, Sendable {
    case invisible, removed, mergedIntoUnknown, customerChanged, closeTimeUnknown, closedTooLong
}
