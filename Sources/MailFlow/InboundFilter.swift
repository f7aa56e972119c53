import LinkStore
import MailMessage
import OneTimeLinks

/// Looks at a mail on its way to the desk: takes out what only the desk's own programs may say, and names the customer
/// user who wrote it, who is created if nobody is known under the address.
public struct InboundFilter: Sendable {
    /// Fields that steer the desk, in every member of the family.
    static let steeringPrefixes = ["X-OTOBO-", "X-OTRS-", "X-Znuny-"]
    static let customerUserField = "X-OTOBO-CustomerUser"
    static let customerNumberField = "X-OTOBO-CustomerNo"

    private let customerUsers: CustomerUsers
    private let setting: CreateCustomerUserSetting?
    private let robots: RobotRule

    /// - Parameters:
    ///   - setting: nil: nobody is created; forged fields go all the same.
    ///   - ownAddresses: the desk's addresses, canonical; mails from them are the desk's own.
    public init(customerUsers: CustomerUsers, setting: CreateCustomerUserSetting?, ownAddresses: Set<String> = []) {
        self.customerUsers = customerUsers
        self.setting = setting
        robots = RobotRule(ownAddresses: ownAddresses)
    }

    /// Decides about a mail.
    ///
    /// - Parameter envelopeSender: what the mail server said; empty: a bounce; nil: unknown.
    /// - Throws: an error of the database; the mail is to be tried again later.
    public func callAsFunction(
        _ header: HeaderBlock, envelopeSender: String?, context: RequestContextFacts = .none
    ) async throws -> FilteredMail {
        var filtered = FilteredMail(header: header, outcome: .unknown, removedFields: 0)
        if setting?.spoofProtection ?? true {
            filtered.removedFields = filtered.header.remove(namesStartingWith: Self.steeringPrefixes).count
        } else if header.first(named: Self.customerUserField) != nil {
            filtered.outcome = .namedBefore
            return filtered
        }
        let found = try await customer(of: filtered.header, envelopeSender: envelopeSender, context: context)
        filtered.outcome = found.outcome
        if let customer = found.customer {
            do {
                try filtered.name(customer)
            } catch {
                filtered.outcome = .unwritable
            }
        }
        return filtered
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
        if let known = try await customerUsers.find(email: sender.address).first {
            return known.isValid ? (.known(login: known.login), known) : (.switchedOff, nil)
        }
        guard let setting else { return (.unknown, nil) }
        guard setting.backend.isEmpty else { return (.foreignBackend, nil) }
        return try await create(sender, context: context)
    }

    private func create(_ sender: MailAddress, context: RequestContextFacts) async throws -> Finding {
        let (account, isNew) = try await customerUsers.create(
            CustomerUser(accountOf: sender), preferences: [:], context: context)
        // The login may have been there under another address; whoever that is did not write this mail.
        guard AddressIdentity.isSame(account.email, sender.address) else { return (.loginTaken, nil) }
        guard account.isValid else { return (.switchedOff, nil) }
        return (isNew ? .created(login: account.login) : .known(login: account.login), account)
    }
}

extension FilteredMail {
    /// All or nothing: a mail never names a customer user without the customer id, or the other way round.
    fileprivate mutating func name(_ customer: CustomerUser) throws(HeaderFieldError) {
        var edited = header
        try edited.set(InboundFilter.customerNumberField, to: customer.customerID)
        try edited.set(InboundFilter.customerUserField, to: customer.login)
        header = edited
    }
}

extension CustomerUser {
    /// The column of logins is shorter than an address may be.
    private static let longestLogin = 200

    /// The account of somebody who is known by their address alone.
    init(accountOf sender: MailAddress) {
        let name = PersonName(of: sender)
        self.init(
            login: sender.address.cut(toCodePoints: Self.longestLogin), email: sender.address,
            customerID: sender.address, firstName: name.first, lastName: name.last)
    }
}
