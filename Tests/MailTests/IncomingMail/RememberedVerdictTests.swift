import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import IncomingMail

@Suite("What the filter thinks of a mail is remembered")
struct RememberedVerdictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lines: [String]
        let envelope: String?
        let verdict: String

        init(_ name: String, _ lines: String..., envelope: String? = "nora@example.net", verdict: String) {
            testDescription = name
            self.lines = lines
            self.envelope = envelope
            self.verdict = verdict
        }
    }

    static let passed = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net"

    static let table = [
        Row("a person", passed, verdict: "person|person"),
        Row("a bounce", passed, envelope: "", verdict: "robot|robot-empty-envelope-sender"),
        Row("a list", passed, "List-Id: <l.example>", verdict: "robot|robot-mailing-list"),
        Row("a list by which people write", passed, "List-Id: S <support.example.org>", verdict: "person|person"),
        Row("an automatic answer", passed, "Auto-Submitted: auto-replied", verdict: "robot|robot-automatic-answer"),
        Row("a mark of another desk", passed, "X-OTRS-Loop: yes", verdict: "robot|robot-loop"),
        Row("the desk's own address", passed, "From: support@example.org", verdict: "robot|robot-own-address"),
        Row("an address of ours", passed, "From: links@example.org", verdict: "robot|robot-own-address"),
        Row("the author of a queue", passed, "From: billing@example.org", verdict: "robot|robot-own-address"),
        Row("two senders", "From: nils@example.net", verdict: "no-sender|no-sender-from-fields-disagree"),
        Row(
            "a forged sender", "Authentication-Results: mx.example.org; dmarc=fail",
            verdict: "unauthenticated|unauthenticated"),
        Row("nobody who says so", verdict: "unauthenticated|unauthenticated"),
        Row("no automatic answer wanted", passed, "X-Auto-Response-Suppress: All", verdict: "quiet|quiet"),
    ]

    private static let settings = Settings(stored: [
        SettingName.createCustomerUser: "{}", SettingName.authenticationServer: "mx.example.org",
        SettingName.deskAddresses: "support@example.org", SettingName.deskMailingLists: "<Support.example.org>",
        SettingName.queueSenders: #"{"Billing":"billing@example.org"}"#,
    ])

    private static func header(_ lines: [String], from: String = "From: Nora <nora@example.net>") -> HeaderBlock {
        let isNamed = lines.contains { $0.hasPrefix("From: ") && $0.hasSuffix("@example.org") }
        return HeaderBlock(
            parsing: Array(((isNamed ? [] : [from]) + lines + ["", ""]).joined(separator: "\r\n").utf8))
    }

    @Test("Every mail has one, with its reason, before it goes on", arguments: table)
    func verdicts(row: Row) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let store = replicas[0].store
            try await store.ownAddresses.publish(["Links@example.org"])
            let filter = try await InboundFilter(
                store: store, directory: ownDirectory(store), desk: desk, settings: Self.settings)
            _ = try await filter(
                Self.header(["Message-ID: <1@example.net>"] + row.lines), envelopeSender: row.envelope)
            #expect(
                try await database.psql("SELECT DISTINCT verdict, reason FROM otalink.mail_verdict") == row.verdict)
        }
    }

    @Test("A mail over the limit is remembered as such; the worst of several verdicts counts, for seven days")
    func worst() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let store = replicas[0].store
            let filter = inboundFilter(store) { policy in
                policy.create = CreateCustomerUserSetting("{}")
                // Anna Example was created within the hour.
                policy.newAccountsPerHour = 1
            }
            let header = Self.header(["Message-ID: <1@example.net>"])
            _ = try await filter(header, envelopeSender: "nora@example.net")
            let key = try #require(MailKey(messageID: "<1@example.net>", sender: "Nora@example.net"))
            #expect(try await store.mailVerdicts.find([key]).map(\.verdict) == [.limited])
            try await database.psql("UPDATE otalink.audit_event SET at = now() - interval '2 hours'")
            _ = try await filter(header, envelopeSender: "nora@example.net")
            _ = try await filter(header, envelopeSender: "")
            _ = try await filter(header, envelopeSender: "nora@example.net")
            #expect(
                Set(try await replicas[1].store.mailVerdicts.find([key]).map(\.verdict)) == [.limited, .person, .robot])
            try await database.psql("UPDATE otalink.mail_verdict SET at = now() - interval '7 days 1 second'")
            #expect(try await store.mailVerdicts.find([key]) == [])
        }
    }

    @Test(
        "A mail without a Message-ID that the desk stores as it stands gets one",
        arguments: [
            [], ["Message-ID:"], ["Message-ID: <>"], ["Message-ID: <a@x>", "Message-ID: <b@x>"],
            ["Message-ID: =?utf-8?Q?=3Ca=40x=3E?="], ["Message-ID: <\(String(repeating: "a", count: 1_001))@x>"],
            ["Message-ID : <a@x>"], ["Message-ID: <\u{E4}@x>"],
        ] as [[String]])
    func given(lines: [String]) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let filtered = try await inboundFilter(replicas[0])(Self.header(lines), envelopeSender: nil)
            let fields = filtered.header.fields(named: "Message-ID")
            #expect(fields.count == 1)
            let id = try #require(fields.first?.value)
            #expect(id.hasSuffix("@otalink.invalid>"))
            let key = try #require(MailKey(messageID: id, sender: "nora@example.net"))
            #expect(try await replicas[0].store.mailVerdicts.find([key]).count == 1)
        }
    }

    @Test("A plain Message-ID stays as it is", arguments: ["<a.1@x>", "<a 1@x>", "a1", "<!&!AAAA==@x>"])
    func kept(id: String) async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let header = Self.header(["Message-ID: \(id)"])
            let filtered = try await inboundFilter(replicas[0])(header, envelopeSender: nil)
            #expect(filtered.header.serialised == header.serialised)
        }
    }

    @Test("A mail of ours that comes back is known by its Message-ID, code and all; an answer to it is a person's")
    func ownMail() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let mail = UUID.version7()
            func insert(code: String) async throws {
                try await database.psql(
                    """
                    DELETE FROM otalink.mail_outbox;
                    INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, code)
                    VALUES ('\(mail)', 'refresh', '2026112510000018', 'anna@example.org', 'anna@example.org', 'en', \(code))
                    """)
            }
            func word(_ line: String) async throws -> String {
                let filter = inboundFilter(replicas[0]) { $0.create = CreateCustomerUserSetting("{}") }
                let word = try await filter(Self.header([line]), envelopeSender: nil).outcome.word
                try await database.psql("DELETE FROM otalink.customer_user WHERE login LIKE 'nora%'")
                return word
            }
            try await insert(code: "'c0de'")
            #expect(try await word("Message-ID: <\(mail.text)@c0de.tickets.example.org>") == "robot-own-mail")
            #expect(try await word("Message-ID: <\(mail.text)@c0d.tickets.example.org>") == "created")
            #expect(try await word("Message-ID: <\(UUID().text)@c0de.tickets.example.org>") == "created")
            #expect(try await word("References: <\(mail.text)@c0de.tickets.example.org>") == "follow-up")
            // Tried by a program that made no codes.
            try await insert(code: "NULL")
            #expect(try await word("Message-ID: <\(mail.text)@tickets.example.org>") == "robot-own-mail")
        }
    }

    @Test("The mail host's role may read and add verdicts, and no more")
    func role() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let grants = try await database.psql(
                """
                SELECT string_agg(DISTINCT privilege_type, ' ' ORDER BY privilege_type)
                  FROM information_schema.role_table_grants
                 WHERE grantee = 'otalink_mail' AND table_name IN ('mail_verdict', 'own_address')
                """)
            #expect(grants == "INSERT SELECT")
        }
    }
}
