import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Makes the customer user of a ticket that came in by another road than our mail filter: the desk fetched the mail itself.
public struct NewcomerAccount: Sendable {
    private let customerUsers: CustomerUsers
    private let desk: any TicketSystem

    public init(customerUsers: CustomerUsers, desk: any TicketSystem) {
        self.customerUsers = customerUsers
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
        guard let create = policy.create, create.backend.isEmpty, let login = ticket.customerLogin,
            let address = try? MailAddress(login), !policy.ownAddresses.contains(address.address)
        else { return false }
        if try await customerUsers.find(login: login) == nil {
            // Somebody may have the address under a login of another kind; that is not a newcomer.
            guard try await customerUsers.find(email: address.address).isEmpty else { return false }
        } else if try await !isOurs(login) {
            return false
        }
        var newcomer = CustomerUser(accountOf: address)
        newcomer.login = login
        let made = try await customerUsers.create(newcomer, preferences: policy.preferences, context: context)
        if !create.checkBoxName.isEmpty {
            try await desk.setDynamicField(create.checkBoxName, to: "1", ofTicket: ticket.ticketID)
        }
        return made.isNew
    }

    /// An account whose login is its address was made from mail; a repeated event marks its ticket again.
    private func isOurs(_ login: String) async throws -> Bool {
        guard let account = try await customerUsers.find(login: login) else { return false }
        return AddressIdentity.isSame(account.email, login)
    }
}
