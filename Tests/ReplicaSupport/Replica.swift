import Customers
import DeskReports
import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import Queues
import Synchronization
import TestSupport
import Testing
import TicketSystem

/// A desk with the tickets that the test gives it; it counts what it is asked and can be out of reach.
package final class ExampleDesk: TicketSystem {
    package struct State {
        package var tickets: [TicketNumber: Ticket] = [:]
        package var isReachable = true
        package var questions = 0
        package var dynamicFields: [Int64: [String: String]] = [:]
        /// Of every ticket.
        package var articles = [
            TicketArticle(
                articleID: 1, sender: .customer, from: "Anna Example <anna@example.org>", subject: "Printer on fire",
                text: "It burns.", createdAt: Date(timeIntervalSince1970: 1_795_600_000))
        ]
        package var articleReads = 0
        /// For whom each question was asked.
        package var callers: [DeskCaller] = []
        /// Of the first article, with its angle brackets.
        package var messageID = ""
        /// False: the first article came in another way than as a mail.
        package var isMail = true
        /// What is refused instead of setting a dynamic field.
        package var fieldError: TicketSystemError.Kind?
    }

    package let state: Mutex<State>

    package init(_ tickets: [Ticket]) {
        state = Mutex(State(tickets: Dictionary(uniqueKeysWithValues: tickets.map { ($0.number, $0) })))
    }

    package func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    package func ticket(number: TicketNumber) async throws -> TicketReading {
        try state.withLock { state in
            state.questions += 1
            state.callers.append(.current)
            guard state.isReachable else { throw TicketSystemError(.unreachable, operation: "ticket") }
            return state.tickets[number].map(TicketReading.ticket) ?? .invisible
        }
    }

    package func ticket(id: Int64) async throws -> TicketReading {
        try state.withLock { state in
            guard state.isReachable else { throw TicketSystemError(.unreachable, operation: "TicketGet") }
            return state.tickets.values.first { $0.ticketID == id }.map(TicketReading.ticket) ?? .invisible
        }
    }
    package func tickets(ids: [Int64]) async throws -> [Int64: TicketReading] { [:] }
    package func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading] { [:] }
    package func search(ids: [Int64], stateTypes: [TicketStateType]) async throws -> Set<Int64> { [] }
    package func search(numbers: [TicketNumber], stateTypes: [TicketStateType]) async throws -> Set<Int64> { [] }
    package func articles(ofTicket id: Int64) async throws -> [TicketArticle] {
        try state.withLock { state in
            state.articleReads += 1
            state.callers.append(.current)
            guard state.isReachable else { throw TicketSystemError(.unreachable, operation: "TicketGet") }
            guard state.tickets.values.contains(where: { $0.ticketID == id }) else {
                throw TicketSystemError(.invisible, operation: "TicketGet")
            }
            return state.articles
        }
    }
    package func origin(ofTicket id: Int64) async throws -> TicketOrigin? {
        try state.withLock { state in
            guard state.isReachable else { throw TicketSystemError(.unreachable, operation: "TicketGet") }
            return state.articles.first.map { article in
                TicketOrigin(
                    sender: article.sender, isMail: state.isMail, from: article.from, subject: article.subject,
                    messageID: state.messageID)
            }
        }
    }
    package func setDynamicField(_ name: String, to value: String, ofTicket id: Int64) async throws {
        try state.withLock { state in
            guard state.isReachable else { throw TicketSystemError(.unreachable, operation: "TicketUpdate") }
            if let kind = state.fieldError { throw TicketSystemError(kind, operation: "TicketUpdate") }
            state.dynamicFields[id, default: [:]][name] = value
        }
    }

    package func check() async -> [TicketSystemFinding] { [] }
}

/// One replica's acts over a database of the test's own.
package struct Replica: Sendable {
    package let client: PostgresClient
    package let store: LinkStore
    package let keeper: TicketKeeper
    package let issue: IssueLink
    package let redeem: RedeemToken
    package let cache = SessionCache()
    package let check: CheckSession
    package let takeDeskEvent: TakeDeskEvent
    package let keys: KeyRing

    package init(url: String, desk: ExampleDesk) throws {
        let logger = Logger.quiet
        client = PostgresClient(PostgresConfiguration(url: url, connections: 4), logger: logger)
        store = LinkStore(client: client)
        keys = try KeyRing(secrets: [Array(0..<32)])
        keeper = TicketKeeper(tickets: store.tickets, desk: desk, patience: .seconds(60), logger: logger)
        issue = IssueLink(store: store, keys: keys, keeper: keeper)
        let refresh = RefreshLink(store: store, keys: keys)
        redeem = RedeemToken(store: store, keys: keys, keeper: keeper, refresh: refresh, logger: logger)
        let store = store
        let reception = DeskReception(store: store, desk: desk, logger: logger) { settings in
            CustomerDirectory(store: store, table: nil, declared: settings.customerBackends)
        }
        takeDeskEvent = TakeDeskEvent(store: store, keys: keys, keeper: keeper, reception: reception)
        check = CheckSession(store: store, keys: keys, keeper: keeper, cache: cache)
    }

    /// The token of a new link, by default of Anna Example's on the example ticket.
    package func token(ticket: TicketNumber? = nil, customer: String = "anna@example.org") async throws -> String {
        let answer = try await issue(
            ticketNumber: ticket ?? exampleTicket().number, customerLogin: customer, settings: Settings(),
            actor: "test", context: .none)
        guard case .issued(_, _, let token, _) = answer else { throw NotIssued(answer: answer) }
        return token
    }

    /// Offers links for the mails of a program, as the service does for the holder of a key.
    package func offer(settings: Settings) -> @Sendable (LinkOffer) async throws -> OfferAnswer {
        let offer = OfferLink(store: store, keys: keys, keeper: keeper)
        return { try await offer($0, settings: settings, actor: "test", context: .none) }
    }

    /// What works off the events of the desk.
    package func eventWorker(
        _ settings: Settings = Settings(), pacing: QueuePacing = .deskEvents, logger: Logger = .quiet
    ) -> DeskEventWorker {
        DeskEventWorker(
            store: store, take: takeDeskEvent, replica: "test-\(UUID())", pacing: pacing, settings: { settings },
            logger: logger)
    }

    /// Works off what the desk has reported, as the service does by itself.
    package func workOffEvents(_ settings: Settings = Settings()) async throws {
        try await eventWorker(settings).workOff()
    }

    /// A click of a browser.
    package func click(_ token: String, browser: UInt8 = 1) async throws -> RedeemAnswer {
        try await redeem(token: token, browser: [browser], settings: Settings(), language: "en", context: .none)
    }

    package struct NotIssued: Error {
        let answer: IssueAnswer
    }
}

/// A browser that is signed in nowhere and has one form cookie.
extension ClickingBrowser: ExpressibleByArrayLiteral {
    public init(arrayLiteral form: UInt8...) {
        self.init(form: form, forms: [form])
    }
}

package func exampleTicket() throws -> Ticket {
    Ticket(
        number: try #require(TicketNumber("2026112510000018")), ticketID: 1, title: "Printer on fire", state: "open",
        stateType: .open, customerLogin: "anna@example.org", customerID: "anna@example.org", closedAt: nil,
        mergedInto: nil, queue: "Raw")
}

/// Two replicas on one database, with one customer user and one ticket at the desk.
package func withReplicas(
    _ body: @Sendable ([Replica], ExampleDesk, TestDatabase) async throws -> Void
) async throws {
    let cluster = try await PostgresCluster.shared()
    try await cluster.migratedDatabase(migrations: RepositoryRoot.path + "/migrations") { database in
        let desk = ExampleDesk([try exampleTicket()])
        let replicas = [try Replica(url: database.url, desk: desk), try Replica(url: database.url, desk: desk)]
        _ = try await replicas[0].store.customerUsers.create(
            CustomerUser(
                login: "anna@example.org", email: "anna@example.org", customerID: "anna@example.org",
                firstName: "Anna", lastName: "Example"), preferences: [:], context: .none)
        let result = await Result(catching: { try await body(replicas, desk, database) })
        for replica in replicas { await replica.client.close() }
        try result.get()
    }
}

extension Result where Failure == any Error {
    package init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
