import Customers
import IncomingMail
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import TicketSystem

/// What an event of the desk needs of the mail rules: the account of a newcomer, and the judgement of a ticket.
public struct DeskReception: Sendable {
    private let store: LinkStore
    private let desk: any TicketSystem
    private let customers: @Sendable (Settings) throws -> CustomerDirectory
    private let logger: Logger

    /// - Parameter customers: the customer users of all backends, as the settings say which there are.
    public init(
        store: LinkStore, desk: any TicketSystem, logger: Logger,
        customers: @escaping @Sendable (Settings) throws -> CustomerDirectory
    ) {
        self.store = store
        self.desk = desk
        self.customers = customers
        self.logger = logger
    }

    /// Makes the customer user of a newcomer, if the mail that began the ticket and the settings allow it.
    ///
    /// - Throws: `TicketSystemError` or an error of the database; it is to be tried again later.
    func welcome(
        _ ticket: Ticket, event: NotificationEvent?, settings: Settings, context: RequestContextFacts
    ) async throws {
        guard settings.createCustomerUser != nil else { return }
        let newcomer = NewcomerAccount(
            store: store, directory: try customers(settings), desk: desk, logger: logger)
        let outcome = try await newcomer(
            of: ticket, event: event, policy: try await InboundPolicy(settings: settings, store: store),
            context: context)
        guard case .withheld(let reason) = outcome else { return }
        logger.info(
            "A ticket's customer user is not created",
            metadata: ["ticket": "\(ticket.number)", "reason": "\(reason)"])
    }

    /// Judges a ticket by the mail that began it, and the customer user by the address that a mail would go to.
    ///
    /// - Throws: as above.
    func judge(
        _ ticket: Ticket, for customer: CustomerUser, settings: Settings
    ) async throws -> TicketJudgement {
        try await TicketJudge(store: store, desk: desk)(
            ticket, addresses: [customer.email], policy: try await InboundPolicy(settings: settings, store: store))
    }
}
