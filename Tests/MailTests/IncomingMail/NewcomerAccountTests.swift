import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import Synchronization
import TestSupport
import Testing
import TicketSystem

@testable import DeskReports
@testable import IncomingMail

@Suite("Customer users of tickets that the desk fetched itself")
struct NewcomerAccountTests {
    private static let on = #"{"SetCheckBoxName":"NewCustomer"}"#

    @Test(
        "A ticket of a bare address gets its customer user and its mark; the link follows, and repeats do nothing more")
    func newcomer() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "Nora@example.net")
            let settings = Settings(stored: [SettingName.createCustomerUser: Self.on, SettingName.mailFirstLink: "1"])
            let take = take(replicas[0], desk)
            for _ in 0..<3 { _ = try await take(DeskEventHint(ticketID: 1), settings: settings, context: .none) }
            let row = try await database.psql("SELECT login, email FROM otalink.customer_user WHERE email LIKE 'nora%'")
            #expect(row == "Nora@example.net|nora@example.net")
            #expect(desk.state.withLock(\.dynamicFields) == [1: ["NewCustomer": "1"]])
            #expect(try await database.psql("SELECT recipient FROM otalink.mail_outbox") == "nora@example.net")
        }
    }

    @Test(
        "Logins that are no address, of somebody known, or of the desk itself make nobody",
        arguments: ["kunde1", "Anna@example.org", "support@example.org", "a@localhost", ""])
    func nobody(login: String) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: login)
            let settings = Settings(stored: [
                SettingName.createCustomerUser: Self.on, SettingName.deskAddresses: "Support@example.org",
            ])
            _ = try await take(replicas[0], desk)(DeskEventHint(ticketID: 1), settings: settings, context: .none)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
        }
    }

    @Test("With the setting off nobody is made; with the desk away the event fails, and its repeat finishes the work")
    func failure() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "nora@example.net")
            _ = try await take(replicas[0], desk)(DeskEventHint(ticketID: 1), settings: Settings(), context: .none)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
            let newcomer = NewcomerAccount(
                store: replicas[0].store, directory: ownDirectory(replicas[0].store), desk: desk, logger: .quiet)
            let ticket = try #require(desk.state.withLock { $0.tickets.values.first })
            let policy = InboundPolicy(settings: Settings(stored: [SettingName.createCustomerUser: Self.on]))
            desk.change { $0.isReachable = false }
            await #expect(throws: TicketSystemError.self) {
                try await newcomer(of: ticket, policy: policy, context: .none)
            }
            desk.change { $0.isReachable = true }
            #expect(try await newcomer(of: ticket, policy: policy, context: .none) == .created)
            #expect(desk.state.withLock(\.dynamicFields) == [1: ["NewCustomer": "1"]])
        }
    }

    @Test(
        "A desk that does not let tickets be marked costs the customer nothing: the event is taken, the mail queued, and one warning says so",
        arguments: [
            (.refused(errorCode: "TicketUpdate.AccessDenied"), "TicketUpdate.AccessDenied"),
            (.refused(errorCode: "TicketUpdate.InvalidParameter"), "TicketUpdate.InvalidParameter"),
            (.operationMissing("TicketUpdate"), "TicketUpdate missing"),
        ] as [(TicketSystemError.Kind, String)])
    func unmarked(kind: TicketSystemError.Kind, reason: String) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "nora@example.net")
            desk.change { $0.fieldError = kind }
            let settings = Settings(stored: [SettingName.createCustomerUser: Self.on, SettingName.mailFirstLink: "1"])
            let lines = LogCollector()
            let outcome = try await take(replicas[0], desk, logger: lines.logger)(
                DeskEventHint(ticketID: 1, event: .ticketCreate), settings: settings, context: .none)
            guard case .mailed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await database.psql("SELECT recipient FROM otalink.mail_outbox") == "nora@example.net")
            #expect(lines.warnings.count == 1)
            let told = try await replicas[0].store.audit.unmarkedTickets()
            #expect(told.count == 1 && told.reason == reason)
        }
    }

    @Test(
        "The name is that of the article's From, by the filter's rule, if the From is the ticket's customer user",
        arguments: [
            ("Nora Newcomer <nora@example.net>", "Nora|Newcomer", "Nora Newcomer"),
            ("\"Newcomer, Nora\" <NORA@example.net>", "Nora|Newcomer", "Nora Newcomer"),
            ("Nóra Új <nora@example.net>", "Nóra|Új", "Nóra Új"),
            ("=?utf-8?Q?N=C3=B3ra_=C3=9Aj?= <nora@example.net>", "Nóra|Új", "Nóra Új"),
            ("Nora <nora@example.net>", "Nora|-", "Nora"), ("nora@example.net", "nora|-", "nora"),
            ("\"a\u{0}\u{7}\u{202E}b\" <nora@example.net>", "a|b", "a b"),
        ])
    func names(from: String, names: String, shown: String) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "nora@example.net")
            desk.change { $0.articles[0].from = from }
            let settings = Settings(stored: [SettingName.createCustomerUser: Self.on])
            _ = try await take(replicas[0], desk)(DeskEventHint(ticketID: 1), settings: settings, context: .none)
            let row = "SELECT first_name, last_name FROM otalink.customer_user WHERE login = 'nora@example.net'"
            #expect(try await database.psql(row) == names)
            #expect(try await replicas[0].store.customerUsers.find(login: "nora@example.net")?.fullName == shown)
        }
    }

    @Test("The event asks all that the filter asks: who may become a customer user, and how many an hour")
    func limits() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = Settings(stored: [
                SettingName.createCustomerUser: "{}", SettingName.newAccountsPerDomainAndHour: "1",
            ])
            func create(_ address: String) async throws {
                desk.begin(with: address)
                let hint = DeskEventHint(ticketID: 1, event: .ticketCreate)
                _ = try await take(replicas[0], desk)(hint, settings: settings, context: .none)
            }
            try await create("nora@example.net")
            try await create("nils@example.net")
            try await create("nell@example.com")
            let logins = "SELECT string_agg(login, ' ' ORDER BY login) FROM otalink.customer_user WHERE login LIKE 'n%'"
            #expect(try await database.psql(logins) == "nell@example.com nora@example.net")
            let withheld = "SELECT customer_login, reason FROM otalink.audit_event WHERE event = 'mail.withheld'"
            #expect(try await database.psql(withheld) == "nils@example.net|limited")
        }
    }

    private func take(_ replica: Replica, _ desk: ExampleDesk, logger: Logger = .quiet) -> TakeDeskEvent {
        let store = replica.store
        return TakeDeskEvent(
            store: store, keys: replica.keys, keeper: replica.keeper,
            reception: DeskReception(store: store, desk: desk, logger: logger) { _ in ownDirectory(store) })
    }
}

extension ExampleDesk {
    /// A mail from the address has begun the ticket, and the desk has made the address its customer user.
    func begin(with address: String, messageID: String = "", isMail: Bool = true) {
        change { state in
            for number in state.tickets.keys { state.tickets[number]?.customerLogin = address }
            state.articles = [
                TicketArticle(
                    articleID: 1, sender: .customer, from: "Somebody <\(address)>", subject: "Hello", text: "Hello",
                    createdAt: nil)
            ]
            state.messageID = messageID
            state.isMail = isMail
        }
    }
}

/// Keeps the warnings that are logged.
final class LogCollector: Sendable {
    private let lines = Mutex<[String]>([])

    var warnings: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(collector: self) }
        logger.logLevel = .warning
        return logger
    }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            collector.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
