import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Makes the customer user of a ticket that came in by another road than our mail filter: the desk fetched the mail itself.
public struct NewcomerAccount: Sendable {
    private let directory: CustomerDirectory
    private let desk: any TicketSystem

    public init(directory: CustomerDirectory, desk: any TicketSystem) {
        self.directory = directory
        self.desk = desk
    }

    /// Makes an account if the ticket's customer user is a bare mail address that nobody has, and marks the ticket.
    ///
    /// The login is the address as the desk has it, since whose ticket it is is told by comparing logins byte for byte. Safe to
    /// repeat.
    ///
    /// - Returns: true if this call made the account.
    /// - Throws: `TicketSystemError` if the ticket could not be marked; then the desk should tell us of it again.
    public func callAsFunction(
        of ticket: Ticket, policy: InboundPolicy, context: RequestContextFacts
    ) async throws -> Bool {
        guard let create = policy.create, let login = ticket.customerLogin, let address = try? MailAddress(login),
            !policy.ownAddresses.contains(address.address)
        else { return false }
        var newcomer = CustomerUser(accountOf: address)
        newcomer.login = login
        guard newcomer.canBeStored else {
            try await directory.noteRefusal("address-too-long", context: context)
            return false
        }
        if let known = try await directory.find(login: login) {
            // An account whose login is its address was made from mail; a repeated event marks its ticket again.
            guard AddressIdentity.isSame(known.email, login) else { return false }
        } else {
            // Somebody may have the address under a login of another kind; that is not a newcomer.
            guard try await directory.find(email: address.address).isEmpty,
                try await directory.unreadBackends()?.isEmpty == true
            else { return false }
        }
        let made = try await directory.create(
            newcomer, in: create.backend, preferences: policy.preferences, context: context)
        guard case .stored(let account, let isNew) = made else { return false }
        if !create.checkBoxName.isEmpty, account.backend == create.backend {
            try await desk.setDynamicField(create.checkBoxName, to: "1", ofTicket: ticket.ticketID)
        }
        return isNew
    }
}
