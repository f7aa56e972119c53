import Foundation
import LinkActs
import LinkStore
import Logging
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@testable import Outbox

@Suite("Links that nobody asked for")
struct FirstLinkTests {
    private static func settings(_ more: [String: String] = [:]) -> Settings {
        Settings(
            stored: [
                SettingName.createCustomerUser: "{}", SettingName.mailFirstLink: "1",
                SettingName.customerBackends: "otalink",
            ].merging(more) { $1 })
    }

    private static let create = DeskEventHint(ticketID: 1, event: .ticketCreate)

    @Test(
        "What the filter refused, the desk's event does not make good",
        arguments: [
            (.robot, false, false), (.noSender, false, false), (.unauthenticated, false, false),
            (.limited, false, false), (.quiet, true, false), (.person, true, true),
        ] as [(MailVerdict, Bool, Bool)])
    func afterTheFilter(verdict: MailVerdict, account: Bool, link: Bool) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let key = try #require(MailKey(messageID: "<1@example.net>", sender: "nora@example.net"))
            try await replicas[0].store.mailVerdicts.record(verdict, reason: "why", keys: [key])
            desk.begin(with: "nora@example.net", messageID: "<1@example.net>")
            for replica in replicas {
                _ = try await replica.takeDeskEvent(Self.create, settings: Self.settings(), context: .none)
                _ = try await replica.takeDeskEvent(
                    DeskEventHint(ticketID: 1), settings: Self.settings(), context: .none)
            }
            let accounts = "SELECT count(*) FROM otalink.customer_user WHERE login = 'nora@example.net'"
            #expect(try await database.psql(accounts) == (account ? "1" : "0"))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == (link ? "1" : "0"))
            let withheld = "SELECT DISTINCT reason FROM otalink.audit_event WHERE event = 'mail.withheld'"
            #expect(try await database.psql(withheld) == (link ? "" : "why"))
        }
    }

    @Test(
        "A known customer's automatic answer is not answered either, by a notification of new tickets or by a first link",
        arguments: [true, false])
    func knownCustomer(hasNotification: Bool) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            if hasNotification {
                let message = NotificationMessage(language: "en", subject: "New", body: "B")
                _ = try await replicas[0].store.notifications.add(message, toName: "New", event: .ticketCreate)
            }
            let key = try #require(MailKey(messageID: "<1@example.org>", sender: "anna@example.org"))
            try await replicas[0].store.mailVerdicts.record(.robot, reason: "robot-automatic-answer", keys: [key])
            desk.begin(with: "anna@example.org", messageID: "<1@example.org>")
            #expect(
                try await replicas[0].takeDeskEvent(Self.create, settings: Self.settings(), context: .none)
                    == .withheld("robot-automatic-answer"))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
        }
    }

    @Test("With AuthenticationServer and no verdict nobody is created; whoever is known gets the first link")
    func unverified() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = Self.settings([SettingName.authenticationServer: "mx.example.org"])
            desk.begin(with: "nora@example.net", messageID: "<1@example.net>")
            _ = try await replicas[0].takeDeskEvent(Self.create, settings: settings, context: .none)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
            desk.begin(with: "anna@example.org", messageID: "<2@example.org>")
            _ = try await replicas[0].takeDeskEvent(Self.create, settings: settings, context: .none)
            #expect(try await database.psql("SELECT recipient FROM otalink.mail_outbox") == "anna@example.org")
        }
    }

    @Test("Somebody with a password gets no first link, and the log and the audit trail say why, once for a ticket")
    func password() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.begin(with: "anna@example.org", messageID: "<1@example.org>")
            try await database.psql("UPDATE otalink.customer_user SET pw = 'hash'")
            let lines = LogLines()
            let worker = replicas[0].eventWorker(Self.settings(), logger: Logger(label: "test") { _ in lines })
            for hint in [Self.create, DeskEventHint(ticketID: 1)] {
                try await replicas[0].store.deskEvents.note(hint, context: .none)
                try await worker.workOff()
            }
            #expect(lines.all.count { $0.contains("has-password") } == 2, "\(lines.all)")
            let trail = "SELECT event, customer_login FROM otalink.recent_events WHERE reason = 'has-password'"
            #expect(try await database.psql(trail) == "mail.withheld|anna@example.org")
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
        }
    }

    @Test("A loop ends: of many tickets at once, over both replicas, as many are answered as the setting says")
    func limit() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let ticket = try exampleTicket()
            desk.change { state in
                for id in 1...12 as ClosedRange<Int64> {
                    guard let number = TicketNumber("202611251000\(1_000 + id)") else { continue }
                    var other = ticket
                    (other.number, other.ticketID) = (number, id)
                    state.tickets[number] = other
                }
                state.tickets[ticket.number] = nil
            }
            let settings = Self.settings([SettingName.firstLinksPerAddressAndHour: "3"])
            func takeAll() async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in 1...12 as ClosedRange<Int64> {
                        group.addTask {
                            _ = try await replicas[Int(id) % 2].takeDeskEvent(
                                DeskEventHint(ticketID: id, event: .ticketCreate), settings: settings, context: .none)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await takeAll()
            let count = "SELECT count(*), count(DISTINCT first_link_to), min(first_link_to) FROM otalink.mail_outbox"
            #expect(try await database.psql(count) == "3|1|anna@example.org")
            let withheld = """
                SELECT count(*) FROM otalink.audit_event WHERE event = 'mail.withheld' AND reason = 'too-many-first-links'
                """
            #expect(try await database.psql(withheld) == "9")
            // An hour later the rest may have theirs.
            try await database.psql("UPDATE otalink.mail_outbox SET created_at = now() - interval '61 minutes'")
            try await takeAll()
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "6")
        }
    }

    @Test("A verdict that comes after the mail was queued still counts before it goes out")
    func laterVerdict() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, database) async throws in
                let key = try #require(MailKey(messageID: "<1@example.org>", sender: "anna@example.org"))
                let store = replicas[0].store
                try await store.mailVerdicts.record(.person, reason: "person", keys: [key])
                desk.begin(with: "anna@example.org", messageID: "<1@example.org>")
                _ = try await replicas[0].takeDeskEvent(Self.create, settings: Self.settings(), context: .none)
                try await store.mailVerdicts.record(.robot, reason: "robot-report", keys: [key])
                let worker = try mailServer.worker(replicas[1], desk: desk)
                #expect(await worker.deliver(try await replicas[1].claim()) == .dropped(.mail(.robot)))
                #expect(await mailServer.sink.mails().isEmpty)
            }
        }
    }

    @Test(
        "A first link that a program of the release before queued is judged before it goes out",
        arguments: [
            ("anna@example.org", "anna@example.org", MailOutcome.sent),
            ("mailer-daemon@example.org", "anna@example.org", .dropped(.mail(.robot))),
            ("anna@example.org", "links@example.org", .dropped(.mail(.robot))),
        ])
    func olderProgram(from: String, recipient: String, outcome: MailOutcome) async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, database) async throws in
                try await replicas[0].store.ownAddresses.publish(["links@example.org"])
                desk.begin(with: "anna@example.org")
                desk.change { state in
                    state.articles[0].from = from
                }
                try await database.psql(
                    "UPDATE otalink.customer_user SET email = '\(recipient)' WHERE login = 'anna@example.org'")
                let queued = try await replicas[0].queueMail(.notification)
                try await database.psql(
                    """
                    UPDATE otalink.link SET recipient = '\(recipient)';
                    UPDATE otalink.mail_outbox SET recipient = '\(recipient)' WHERE id = '\(queued.mailID)'
                    """)
                #expect(
                    try await database.psql("SELECT first_link_to, is_judged FROM otalink.mail_outbox")
                        == "anna@example.org|f")
                let worker = try mailServer.worker(replicas[0], desk: desk)
                #expect(await worker.deliver(try await replicas[0].claim()) == outcome)
            }
        }
    }

    @Test(
        "Each mail carries the code of its first claim in its Message-ID, and keeps it; one tried without keeps its own"
    )
    func codes() async throws {
        try await withMailServer(.init(faults: [.recipient: .reply("450 Later")], faultyConnections: 2)) { mailServer in
            try await withReplicas { (replicas, _, database) async throws in
                let worker = try mailServer.worker(replicas[0])
                func deliver() async throws { _ = await worker.deliver(try await replicas[0].claim()) }
                func codes() async throws -> String {
                    try await database.psql("SELECT code FROM otalink.mail_outbox ORDER BY created_at")
                }
                let first = try await replicas[0].queueMail()
                #expect(try await codes() == "")
                try await deliver()
                let code = try await codes()
                #expect(code.count == 20)
                try await deliver()
                try await deliver()
                #expect(try await codes() == code)
                let old = try await replicas[0].queueMail()
                try await database.psql("UPDATE otalink.mail_outbox SET attempts = 1 WHERE id = '\(old.mailID)'")
                try await deliver()
                let ids = await mailServer.sink.mails().map {
                    WrittenMail($0.data).reader.header.first(named: "Message-ID")?.value
                }
                #expect(
                    ids == [
                        "<\(first.mailID.text)@\(code).tickets.example.org>",
                        "<\(old.mailID.text)@tickets.example.org>",
                    ])
            }
        }
    }

    @Test("A notification that is queued once more stays a first link, with what its ticket began with")
    func renewed() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, database) async throws in
                let key = try #require(MailKey(messageID: "<1@example.org>", sender: "anna@example.org"))
                try await replicas[0].store.mailVerdicts.record(.person, reason: "person", keys: [key])
                desk.begin(with: "anna@example.org", messageID: "<1@example.org>")
                _ = try await replicas[0].takeDeskEvent(Self.create, settings: Self.settings(), context: .none)
                try await database.psql("UPDATE otalink.link SET state = 'superseded'")
                let worker = try mailServer.worker(replicas[0], desk: desk)
                #expect(await worker.deliver(try await replicas[0].claim()) == .dropped(.renewed))
                let renewed = """
                    SELECT first_link_to, is_judged, verdict_key = '\(key.text)'
                      FROM otalink.mail_outbox WHERE state = 'queued'
                    """
                #expect(try await database.psql(renewed) == "anna@example.org|t|t")
            }
        }
    }
}
