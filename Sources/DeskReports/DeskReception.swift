import Customers
import IncomingMail
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import TicketSystem

/// What an event of the desk needs of the mail rules: the account of a newcomer, and the judgement of a ticket.
public struct DeskReception: TicketReception {
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

    public func welcome(
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

    public func judge(
        _ ticket: Ticket, for customer: CustomerUser, settings: Settings
    ) async throws -> TicketJudgement {
        try await TicketJudge(store: store, desk: desk)(
            ticket, addresses: [customer.email], policy: try await InboundPolicy(settings: settings, store: store))
    }
}
