import Customers
import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Looks at a mail on its way to the desk: takes out what only the desk's own programs may say, and names the customer
/// user who wrote it, who is created if nobody is known under the address.
public struct InboundFilter: Sendable {
    /// Fields that steer the desk, in every member of the family.
    static let steeringPrefixes = ["X-OTOBO-", "X-OTRS-", "X-Znuny-"]
    /// Those of them that say who the customer is.
    static let customerFields = steeringPrefixes.flatMap { prefix in
        [prefix + InboundField.customerUser, prefix + InboundField.customerNumber]
    }

    private let directory: CustomerDirectory
    private let audit: AuditTrail
    private let verdicts: MailVerdicts
    private let outbox: MailOutbox
    private let followUps: FollowUps
    private let policy: InboundPolicy
    private let judge: MailJudge
    private let gate: NewcomerGate

    public init(store: LinkStore, directory: CustomerDirectory, followUps: FollowUps, policy: InboundPolicy) {
        self.directory = directory
        audit = store.audit
        verdicts = store.mailVerdicts
        outbox = store.outbox
        self.followUps = followUps
        self.policy = policy
        judge = MailJudge(policy: policy)
        gate = NewcomerGate(store: store, directory: directory, policy: policy)
    }

    /// The filter as the settings want it.
    ///
    /// - Parameter desk: nil: we cannot ask it about answers to tickets.
    public init(
        store: LinkStore, directory: CustomerDirectory, desk: (any TicketSystem)?, settings: Settings
    ) async throws {
        self.init(
            store: store, directory: directory,
            followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: desk),
            policy: try await InboundPolicy(settings: settings, store: store))
    }

    /// Decides about a mail.
    ///
    /// - Parameters:
    ///   - envelopeSender: what the mail server said; empty: a bounce; nil: unknown.
    ///   - isTrusted: fields that steer the desk come from a program of the operator's and stay; those that name a customer only
    ///     without spoof protection.
    /// - Throws: an error of the database; the mail is to be tried again later.
    public func callAsFunction(
        _ header: HeaderBlock, envelopeSender: String?, isTrusted: Bool = false, context: RequestContextFacts = .none
    ) async throws -> FilteredMail {
        var filtered = FilteredMail(header: header, outcome: .unknown, removedFields: 0)
        let messageID = try filtered.header.identified()
        let isProtected = policy.create?.spoofProtection != false
        if isTrusted, !isProtected, let named = namedCustomer(filtered.header) {
            filtered.outcome = .namedBefore
            try await remember(.person, as: filtered.outcome.word, messageID, header, and: named)
            return filtered
        }
        // Whoever is named below: what a mail says of its customer itself goes, or it would stand where nobody is named.
        let unwanted = isTrusted ? (isProtected ? Self.customerFields : []) : Self.steeringPrefixes
        let removed = unwanted.isEmpty ? [] : filtered.header.remove(namesStartingWith: unwanted)
        filtered.removedFields = removed.count
        if !removed.isEmpty {
            try await audit.record(AuditEvent("mail.fields_removed", reason: Self.names(of: removed), context: context))
        }
        // Marks that the desk obeys are taken out above, and say what they say all the same.
        let finding = judge.judge(header, envelopeSender: envelopeSender, isOwnMail: try await isOwnMail(header))
        let found = try await customer(finding, of: filtered.header, context: context)
        filtered.outcome = found.outcome
        filtered.answerSource = found.answerSource
        if let customer = found.customer {
            do {
                // The desk would fail on the whole mail.
                guard customer.canHaveTickets else { throw HeaderFieldError.invalidValue }
                try filtered.name(customer, policy)
            } catch {
                filtered.outcome = .unwritable
            }
        }
        let isLimited = filtered.outcome == .limited
        try await remember(
            isLimited ? .limited : finding.verdict, as: isLimited ? filtered.outcome.word : finding.reason, messageID,
            header, and: finding.sender?.address)
        if filtered.outcome.login == nil {
            try await audit.record(AuditEvent("mail.passed", reason: filtered.outcome.word, context: context))
        }
        return filtered
    }

    /// Before the mail goes on: its ticket may be told of as soon as the desk has it.
    private func remember(
        _ verdict: MailVerdict, as reason: String, _ messageID: String, _ header: HeaderBlock, and other: String?
    ) async throws {
        var senders = header.addressesInFrom
        if let other { senders.insert(AddressIdentity.canonical(other)) }
        // One that names nobody at all is found by its Message-ID alone.
        if senders.isEmpty { senders = [""] }
        try await verdicts.record(
            verdict, reason: reason, keys: senders.compactMap { MailKey(messageID: messageID, sender: $0) })
    }

    private func isOwnMail(_ header: HeaderBlock) async throws -> Bool {
        for id in header.ownMessageIDs where try await outbox.isOwn(id) { return true }
        return false
    }

    private func namedCustomer(_ header: HeaderBlock) -> String? {
        policy.fieldPrefixes.lazy.compactMap { header.first(named: $0 + InboundField.customerUser)?.value }.first
    }

    /// Names for the audit trail, cut short: they were the sender's choice.
    private static func names(of fields: [RawField]) -> String {
        Set(fields.map { ForeignText.safe($0.lenientName, limit: 60) }).sorted().prefix(10).joined(separator: " ")
    }

    private struct Finding {
        var outcome: InboundOutcome
        var customer: CustomerUser?
        var answerSource: FollowUps.Source?
    }

    private func customer(
        _ finding: MailJudge.Finding, of header: HeaderBlock, context: RequestContextFacts
    ) async throws -> Finding {
        if let reason = finding.robot { return Finding(outcome: .robot(reason)) }
        if let refusal = finding.refusal { return Finding(outcome: .noSender(refusal)) }
        guard let sender = finding.sender else { return Finding(outcome: .undecided) }
        // Valid ones come first, by login.
        if let known = try await directory.find(email: sender.address).first {
            return known.isValid
                ? Finding(outcome: .known(login: known.login), customer: known) : Finding(outcome: .switchedOff)
        }
        let create: CreateCustomerUserSetting
        switch try await gate.setting(for: sender) {
        case .success(let setting): create = setting
        case .failure(let refused): return Finding(outcome: refused.outcome)
        }
        let answer = try await followUps.answer(header, hook: policy.hook)
        switch answer.kind {
        case .followUp: return Finding(outcome: .followUp, answerSource: answer.source)
        case .unknownTicket: return Finding(outcome: .unknownTicket, answerSource: answer.source)
        case .newTicket: break
        }
        if let refusal = try await gate.refusal(of: sender, verdict: finding.verdict) {
            return Finding(outcome: refusal, answerSource: answer.source)
        }
        var made = try await self.create(sender, in: create.backend, context: context)
        made.answerSource = answer.source
        return made
    }

    private func create(
        _ sender: MailAddress, in backend: String, context: RequestContextFacts
    ) async throws -> Finding {
        let made = try await directory.create(
            CustomerUser(accountOf: sender), in: backend, preferences: policy.preferences, context: context)
        switch made {
        case .foreignBackend: return Finding(outcome: .foreignBackend)
        case .refused: return Finding(outcome: .refusedByBackend)
        case .readOnly: return Finding(outcome: .backendReadOnly)
        case .tooLong: return Finding(outcome: .addressTooLong)
        case .stored(let account, let isNew):
            // The login may have been there under another address; whoever that is did not write this mail.
            guard AddressIdentity.isSame(account.email, sender.address) else {
                return Finding(outcome: .loginTaken)
            }
            guard account.isValid else { return Finding(outcome: .switchedOff) }
            return Finding(
                outcome: isNew ? .created(login: account.login) : .known(login: account.login), customer: account)
        }
    }

    /// The mail as it came, but for forged fields: those need no database.
    package static func undecided(_ header: HeaderBlock, isTrusted: Bool) -> FilteredMail {
        var header = header
        // Without the settings, spoof protection is taken to be on.
        let removed = header.remove(
            namesStartingWith: isTrusted ? customerFields : steeringPrefixes)
        return FilteredMail(header: header, outcome: .undecided, removedFields: removed.count)
    }
}

extension FilteredMail {
    /// All or nothing: a mail never names a customer user without the customer id, or the other way round.
    fileprivate mutating func name(_ customer: CustomerUser, _ policy: InboundPolicy) throws(HeaderFieldError) {
        var edited = header
        // Each goes on top of those before it.
        for prefix in policy.fieldPrefixes.reversed() {
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
