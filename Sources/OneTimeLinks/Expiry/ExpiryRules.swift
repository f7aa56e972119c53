import Foundation

/// Shall the links of a ticket be deleted?
public enum ExpiryVerdict: Hashable, Sendable {
    case keep
    /// For good; the reason is for the audit trail.
    case delete(reason: String)
}

/// The rules of deleting: pure functions. What is deleted here is dead already, by `TicketAccess`.
public struct ExpiryRules: Sendable {
    public var accessDays: Int

    public init(accessDays: Int) {
        self.accessDays = accessDays
    }

    /// Judges a visible ticket by the chain of its merges.
    public func judge(chain: [TicketFacts], at now: Date) -> ExpiryVerdict {
        guard let last = chain.last?.ticket else { return .keep }
        // Whose ticket it is does not matter here: all of its links go, or none.
        let access = TicketAccess.judge(
            chain: chain, login: last.customerLogin ?? "", accessDays: accessDays, at: now)
        switch access {
        case .refused(.removed), .refused(.closedTooLong): return access.deletion
        case .granted, .refused(.customerChanged), .refused(.invisible), .refused(.mergedIntoUnknown),
            .refused(.closeTimeUnknown):
            return .keep
        }
    }

    /// Judges a ticket that the desk does not show: our agent may have lost a permission, so its links stay for as many days
    /// as a closed ticket's, at least one.
    public func judge(unseenSince: Date, at now: Date) -> ExpiryVerdict {
        let days = max(1, accessDays)
        let end = unseenSince.addingTimeInterval(TimeInterval(days) * 86_400)
        return now < end ? .keep : .delete(reason: "ticket-\(TicketRefusal.invisible.rawValue)")
    }

    /// True when so many tickets turned invisible in one run that a lost permission is more likely than so many
    /// deletions: more than a tenth, and more than a handful.
    public static func isSuspicious(turnedInvisible: Int, of total: Int) -> Bool {
        turnedInvisible > 5 && turnedInvisible * 10 > total
    }
}

extension TicketAccess {
    fileprivate var deletion: ExpiryVerdict {
        guard case .refused(let refusal) = self else { return .keep }
        return .delete(reason: "ticket-\(refusal.rawValue)")
    }
}
