import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Looks at a mail on its way to the desk: takes out what only the desk's own programs may say, and names the customer
/// user who wrote it, who is created if nobody is known under the address.
public struct InboundFilter: Sendable {
    /// Fields that steer the desk, in every member of the family.
    static let steeringPrefixes = ["X-OTOBO-", "X-OTRS-", "X-Znuny-"]

    private let directory: CustomerDirectory
    private let customerUsers: CustomerUsers
    private let audit: AuditTrail
    private let followUps: FollowUps
    private let policy: InboundPolicy
    private let robots: RobotRule

    public init(store: LinkStore, directory: CustomerDirectory, followUps: FollowUps, policy: InboundPolicy) {
        self.directory = directory
        customerUsers = store.customerUsers
        audit = store.audit
        self.followUps = followUps
        self.policy = policy
        robots = RobotRule(ownAddresses: policy.ownAddresses)
    }

    /// The filter as the settings want it.
    ///
    /// - Parameter desk: nil: we cannot ask it about answers to tickets.
    public init(store: LinkStore, directory: CustomerDirectory, desk: (any TicketSystem)?, settings: Settings) {
        self.init(
            store: store, directory: directory,
            followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: desk),
            policy: InboundPolicy(settings: settings))
    }

    /// Decides about a mail.
    ///
    /// - Parameters:
    ///   - envelopeSender: what the mail server said; empty: a bounce; nil: unknown.
    ///   - isTrusted: fields that steer the desk come from a program of the operator's and stay.
    /// - Throws: an error of the database; the mail is to be tried again later.
    public func callAsFunction(
        _ header: HeaderBlock, envelopeSender: String?, isTrusted: Bool = false, context: RequestContextFacts = .none
    ) async throws -> FilteredMail {
        var filtered = FilteredMail(header: header, outcome: .unknown, removedFields: 0)
        if !isTrusted {
            let removed = filtered.header.remove(namesStartingWith: Self.steeringPrefixes)
            filtered.removedFields = removed.count
            if !removed.isEmpty {
                try await audit.record(
                    AuditEvent("mail.fields_removed", reason: Self.names(of: removed), context: context))
            }
        } else if policy.create?.spoofProtection == false, isNamed(filtered.header) {
            filtered.outcome = .namedBefore
            return filtered
        }
        let found = try await customer(of: filtered.header, envelopeSender: envelopeSender, context: context)
        filtered.outcome = found.outcome
        if let customer = found.customer {
            do {
                // The desk would fail on the whole mail.
                guard customer.canHaveTickets else { throw HeaderFieldError.invalidValue }
                try filtered.name(customer, policy)
            } catch {
                filtered.outcome = .unwritable
            }
        }
        if filtered.outcome.login == nil {
            try await audit.record(AuditEvent("mail.passed", reason: filtered.outcome.word, context: context))
        }
        return filtered
    }

    private func isNamed(_ header: HeaderBlock) -> Bool {
        policy.fieldPrefixes.contains { header.first(named: $0 + InboundField.customerUser) != nil }
    }

    /// Names for the audit trail, cut short: they were the sender's choice.
    private static func names(of fields: [RawField]) -> String {
        Set(fields.map { String($0.lenientName.prefix(60)) }).sorted().prefix(10).joined(separator: " ")
    }

    private typealias Finding = (outcome: InboundOutcome, customer: CustomerUser?)

    private func customer(
        of header: HeaderBlock, envelopeSender: String?, context: RequestContextFacts
    ) async throws -> Finding {
        if let reason = robots.reason(for: header, envelopeSender: envelopeSender) { return (.robot(reason), nil) }
        let sender: MailAddress
        switch SenderRule.verdict(for: header) {
        case .sender(let address): sender = address
        case .refused(let refusal): return (.noSender(refusal), nil)
        }
        // Valid ones come first, by login.
        if let known = try await directory.find(email: sender.address).first {
            return known.isValid ? (.known(login: known.login), known) : (.switchedOff, nil)
        }
        guard let create = policy.create else { return (.unknown, nil) }
        guard CustomerUser(accountOf: sender).canBeStored else { return (.addressTooLong, nil) }
        guard try await directory.unreadBackends()?.isEmpty == true else { return (.backendsUnread, nil) }
        if try await followUps.ticket(answeredBy: header, hook: policy.hook) != nil { return (.followUp, nil) }
        if let gate = policy.authentication, !gate.isPassed(header, sender: sender) { return (.unauthenticated, nil) }
        if try await isOverLimit(sender) { return (.limited, nil) }
        return try await self.create(sender, in: create.backend, context: context)
    }

    /// Two mails at the same instant may both pass; the limit is there against floods.
    private func isOverLimit(_ sender: MailAddress) async throws -> Bool {
        guard policy.newAccountsPerHour > 0 || policy.newAccountsPerDomainAndHour > 0 else { return false }
        let created = try await customerUsers.createdWithinHour(domain: sender.domain)
        return (policy.newAccountsPerHour > 0 && created.total >= policy.newAccountsPerHour)
            || (policy.newAccountsPerDomainAndHour > 0 && created.domain >= policy.newAccountsPerDomainAndHour)
    }

    private func create(
        _ sender: MailAddress, in backend: String, context: RequestContextFacts
    ) async throws -> Finding {
        let made = try await directory.create(
            CustomerUser(accountOf: sender), in: backend, preferences: policy.preferences, context: context)
        switch made {
        case .foreignBackend: return (.foreignBackend, nil)
        case .refused: return (.refusedByBackend, nil)
        case .tooLong: return (.addressTooLong, nil)
        case .stored(let account, let isNew):
            // The login may have been there under another address; whoever that is did not write this mail.
            guard AddressIdentity.isSame(account.email, sender.address) else { return (.loginTaken, nil) }
            guard account.isValid else { return (.switchedOff, nil) }
            return (isNew ? .created(login: account.login) : .known(login: account.login), account)
        }
    }
}

extension FilteredMail {
    /// All or nothing: a mail never names a customer user without the customer id, or the other way round.
    fileprivate mutating func name(_ customer: CustomerUser, _ policy: InboundPolicy) throws(HeaderFieldError) {
        var edited = header
        for prefix in policy.fieldPrefixes {
            if let create = policy.create, !create.checkBoxName.isEmpty, customer.backend == create.backend {
                try edited.set(prefix + InboundField.dynamicField + create.checkBoxName, to: "1")
            }
            try edited.set(prefix + InboundField.customerNumber, to: customer.customerID)
            try edited.set(prefix + InboundField.customerUser, to: customer.login)
        }
        header = edited
    }
}

/// What follows the prefix in the names of the fields that we set.
enum InboundField {
    static let customerUser = "CustomerUser"
    static let customerNumber = "CustomerNo"
    static let dynamicField = "DynamicField-"
}

extension CustomerUser {
    /// The account of somebody who is known by their address alone.
    init(accountOf sender: MailAddress) {
        let name = PersonName(of: sender)
        self.init(
            login: sender.address, email: sender.address, customerID: sender.address, firstName: name.first,
            lastName: name.last)
    }
}
