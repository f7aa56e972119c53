import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@testable import IncomingMail

@Suite("Tickets are judged by the mails that began them")
struct TicketJudgeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let origin: TicketOrigin?
        let login: String
        let isGated: Bool
        let filtered: [MailVerdict]
        let verdict: MailVerdict

        init(
            _ name: String, _ verdict: MailVerdict, from: String = "Nora <nora@example.net>",
            login: String = "nora@example.net", sender: TicketArticle.Sender = .customer, isMail: Bool = true,
            messageID: String = "<1@example.net>", isThere: Bool = true, isGated: Bool = false,
            filtered: [MailVerdict] = []
        ) {
            testDescription = name
            origin =
                isThere ? TicketOrigin(sender: sender, isMail: isMail, from: from, messageID: messageID) : nil
            self.login = login
            self.isGated = isGated
            self.filtered = filtered
            self.verdict = verdict
        }
    }

    static let table = [
        Row("a person whom no filter saw", .person),
        Row("the same, and our mail server is to vouch for senders", .unverified, isGated: true),
        Row("a person whom the filter saw", .person, isGated: true, filtered: [.person]),
        Row("a bounce that the filter saw", .robot, filtered: [.robot]),
        Row("a copy of it was worse", .unauthenticated, filtered: [.person, .unauthenticated, .quiet]),
        Row("no automatic answer wanted", .quiet, filtered: [.quiet]),
        Row("over the limit", .limited, filtered: [.limited]),
        Row("without Message-ID", .person, messageID: ""),
        Row(
            "a mailer daemon, as the desk stores it", .robot,
            from: "MAILER-DAEMON@mx.example.net (Mail Delivery System)", login: "MAILER-DAEMON@mx.example.net"),
        Row("nobody reads there", .robot, from: "x+donotreply@example.net", login: "x+donotreply@example.net"),
        Row("an own address", .robot, from: "support@example.org", login: "support@example.org"),
        Row("an own address, written into the ticket by an agent", .robot, login: "support@example.org"),
        Row("no sender for certain", .noSender, from: "a@example.net via List <nora@example.net>"),
        Row("the last of two", .person, from: "\"Müller, Jürgen\" <j@example.net>, Nora <nora@example.net>"),
        Row("a line break in a field is none", .noSender, from: "x\r\nFrom: Nora <nora@example.net>"),
        Row("a call", .noMail, isMail: false, messageID: "", isGated: true),
        Row("a mail that an agent wrote", .noMail, from: "Agent <agent@example.org>", sender: .agent, isGated: true),
        Row("an agent by a forged field, and the filter saw it", .robot, sender: .agent, filtered: [.robot]),
        Row("no article yet", .unread, isThere: false, filtered: [.person]),
    ]

    @Test("By the filter's verdict, or by what the desk stores", arguments: table)
    func judge(row: Row) async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let store = replicas[0].store
            let key = row.origin.flatMap { MailKey(messageID: $0.messageID, sender: "Nora@example.net") }
            for verdict in row.filtered {
                try await store.mailVerdicts.record(verdict, reason: "test", keys: [key].compactMap(\.self))
            }
            var ticket = try exampleTicket()
            ticket.customerLogin = row.login
            let policy = InboundPolicy(
                settings: Settings(
                    stored: [SettingName.deskAddresses: "support@example.org"].merging(
                        row.isGated ? [SettingName.authenticationServer: "mx.example.org"] : [:]
                    ) { $1 }))
            let judge = TicketJudge(store: replicas[1].store, desk: OriginDesk(origin: row.origin))
            let found = try await judge(ticket, addresses: [row.login], policy: policy)
            #expect(found.verdict == row.verdict)
            #expect((found.key != nil) == (row.origin != nil && !row.filtered.isEmpty))
        }
    }

    @Test("A verdict on one sender is none on another with the same Message-ID")
    func otherSender() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let store = replicas[0].store
            let other = try #require(MailKey(messageID: "<1@example.net>", sender: "mallory@example.com"))
            try await store.mailVerdicts.record(.robot, reason: "test", keys: [other])
            let origin = TicketOrigin(
                sender: .customer, isMail: true, from: "nora@example.net", messageID: "<1@example.net>")
            var ticket = try exampleTicket()
            ticket.customerLogin = "nora@example.net"
            let judge = TicketJudge(store: store, desk: OriginDesk(origin: origin))
            let policy = InboundPolicy(settings: Settings())
            #expect(try await judge(ticket, addresses: [], policy: policy).verdict == .person)
        }
    }

    @Test("A mail of ours that the desk fetched is a program's")
    func ownMail() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let mail = UUID.version7()
            try await database.psql(
                """
                INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, code)
                VALUES ('\(mail)', 'refresh', '2026112510000018', 'anna@example.org', 'anna@example.org', 'en', 'c0de')
                """)
            let origin = TicketOrigin(
                sender: .customer, isMail: true, from: "anna@example.org",
                messageID: "<\(mail.text)@c0de.tickets.example.org>")
            let judge = TicketJudge(store: replicas[0].store, desk: OriginDesk(origin: origin))
            let found = try await judge(
                exampleTicket(), addresses: [], policy: InboundPolicy(settings: Settings()))
            #expect(found.verdict == .robot && found.reason == "robot-own-mail")
        }
    }

    @Test("Whom the desk made the customer user of another's mail does not become one")
    func writtenIntoTheTicket() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "nora@example.net", messageID: "<1@example.net>")
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "victim@example.com" }
            }
            let newcomer = NewcomerAccount(
                store: replicas[0].store, directory: ownDirectory(replicas[0].store), desk: desk, logger: .quiet)
            let ticket = try #require(desk.state.withLock { $0.tickets.values.first })
            let policy = InboundPolicy(settings: Settings(stored: [SettingName.createCustomerUser: "{}"]))
            #expect(try await newcomer(of: ticket, policy: policy, context: .none) == .withheld("other-sender"))
            desk.change { $0.isMail = false }
            desk.change { $0.messageID = "" }
            #expect(try await newcomer(of: ticket, policy: policy, context: .none) == .created)
        }
    }
}

/// A desk that says only how its tickets began.
private struct OriginDesk: TicketSystem {
    let origin: TicketOrigin?

    func origin(ofTicket id: Int64) async throws -> TicketOrigin? { origin }
    func ticket(number: TicketNumber) async throws -> TicketReading { .invisible }
    func ticket(id: Int64) async throws -> TicketReading { .invisible }
    func tickets(ids: [Int64]) async throws -> [Int64: TicketReading] { [:] }
    func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading] { [:] }
    func search(ids: [Int64], stateTypes: [TicketStateType]) async throws -> Set<Int64> { [] }
    func search(numbers: [TicketNumber], stateTypes: [TicketStateType]) async throws -> Set<Int64> { [] }
    func articles(ofTicket id: Int64) async throws -> [TicketArticle] { [] }
    func setDynamicField(_ name: String, to value: String, ofTicket id: Int64) async throws {}
    func check() async -> [TicketSystemFinding] { [] }
}
