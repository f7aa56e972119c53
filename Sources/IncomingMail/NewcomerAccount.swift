import Customers
import LinkStore
import Logging
import MailMessage
import OneTimeLinks
import TicketSystem

/// Makes the customer user of a ticket that came in by another road than our mail filter: the desk fetched the mail itself.
public struct NewcomerAccount: Sendable {
    /// What became of a ticket's customer user.
    public enum Outcome: Hashable, Sendable {
        case created
        /// There is one, or the ticket's login is no address that one could be made of.
        case unneeded
        /// None is made; the word says why.
        case withheld(String)
    }

    private let store: LinkStore
    private let directory: CustomerDirectory
    private let desk: any TicketSystem
    private let logger: Logger

    public init(store: LinkStore, directory: CustomerDirectory, desk: any TicketSystem, logger: Logger) {
        self.store = store
        self.directory = directory
        self.desk = desk
        self.logger = logger
    }

    /// Makes an account if the ticket's customer user is a bare mail address that nobody has, and the mail that began the ticket
    /// allows it; marks the ticket.
    ///
    /// The name is that of the article's `From`, by the filter's rule. The login is the address as the desk has it, since whose ticket it is is told by comparing logins byte for byte. Safe to
    /// repeat.
    ///
    /// - Parameter event: what the desk told of; nil: it did not say.
    /// - Throws: `TicketSystemError` if the desk does not answer for now; then the event is to be worked on again.
    public func callAsFunction(
        of ticket: Ticket, event: NotificationEvent? = nil, policy: InboundPolicy, context: RequestContextFacts
    ) async throws -> Outcome {
        guard let create = policy.create, let login = ticket.customerLogin, let address = try? MailAddress(login) else {
            return .unneeded
        }
        var newcomer = CustomerUser(accountOf: address)
        newcomer.login = login
        guard newcomer.canBeStored else {
            let reason = InboundOutcome.addressTooLong.word
            try await directory.noteRefusal(reason, context: context)
            return .withheld(reason)
        }
        if let known = try await directory.find(login: login) {
            // An account whose login is its address was made from mail; a repeated event marks its ticket again.
            guard AddressIdentity.isSame(known.email, login) else { return .unneeded }
            if event == nil || event == .ticketCreate { try await mark(ticket, of: known, create: create) }
            return .unneeded
        }
        // Somebody may have the address under a login of another kind; that is not a newcomer.
        guard try await directory.find(email: address.address).isEmpty else { return .unneeded }
        switch try await judge(ticket, address: address, policy: policy) {
        case .success(let named):
            (newcomer.firstName, newcomer.lastName) = (named.firstName, named.lastName)
        case .failure(let refusal):
            let reason = refusal.reason
            if event == .ticketCreate {
                try await store.audit.record(
                    AuditEvent(
                        "mail.withheld", ticket: ticket.number, login: login, reason: reason, context: context))
            }
            return .withheld(reason)
        }
        let made = try await directory.create(
            newcomer, in: create.backend, preferences: policy.preferences, context: context)
        if case .readOnly = made { return .withheld(InboundOutcome.backendReadOnly.word) }
        guard case .stored(let account, let isNew) = made else {
            return .withheld(InboundOutcome.refusedByBackend.word)
        }
        try await mark(ticket, of: account, create: create)
        return isNew ? .created : .unneeded
    }

    private struct Refusal: Error {
        /// A word.
        let reason: String
    }

    /// The account, with the name that the mail says, or why there is to be none.
    private func judge(
        _ ticket: Ticket, address: MailAddress, policy: InboundPolicy
    ) async throws -> Result<CustomerUser, Refusal> {
        func refused(_ reason: String) -> Result<CustomerUser, Refusal> { .failure(Refusal(reason: reason)) }
        let gate = NewcomerGate(store: store, directory: directory, policy: policy)
        if case .failure(let refusal) = try await gate.setting(for: address) { return refused(refusal.outcome.word) }
        let judgement = try await TicketJudge(store: store, desk: desk)(
            ticket, addresses: [address.address], policy: policy)
        guard judgement.verdict.allowsAccount else { return refused(judgement.reason) }
        // A verdict on one sender is none on another, who may have been written into the ticket.
        if judgement.verdict != .noMail, judgement.sender != address.address { return refused("other-sender") }
        if let outcome = try await gate.refusal(of: address, verdict: judgement.verdict) {
            return refused(outcome.word)
        }
        return .success(CustomerUser(accountOf: address.named(judgement.customerName)))
    }

    /// A desk that cannot mark tickets costs the customer nothing.
    private func mark(_ ticket: Ticket, of account: CustomerUser, create: CreateCustomerUserSetting) async throws {
        guard !create.checkBoxName.isEmpty, account.backend == create.backend else { return }
        do {
            try await desk.setDynamicField(create.checkBoxName, to: "1", ofTicket: ticket.ticketID)
        } catch let error as TicketSystemError where !error.isTransient {
            logger.warning(
                "A ticket of a new customer user could not be marked; see: otalink doctor",
                metadata: ["ticket": "\(ticket.number)", "error": "\(error)"])
            try await store.audit.record(
                AuditEvent("ticket.not_marked", ticket: ticket.number, login: account.login, reason: error.word))
        }
    }
}

extension TicketSystemError {
    /// For the audit trail.
    fileprivate var word: String {
        switch kind {
        case .refused(let code): code
        case .operationMissing(let operation): "\(operation) missing"
        default: "\(operation) failed"
        }
    }
}
