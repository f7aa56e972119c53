import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import IncomingMail

@Suite("The filter for incoming mail")
struct InboundFilterTests {
    static let on = CreateCustomerUserSetting("{}")

    private func filter(
        _ replica: Replica, _ setting: CreateCustomerUserSetting? = on, ownAddresses: Set<String> = []
    ) -> InboundFilter {
        inboundFilter(replica) { policy in
            policy.create = setting
            policy.ownAddresses = ownAddresses
        }
    }

    private static func header(_ lines: String...) -> HeaderBlock {
        HeaderBlock(parsing: Array((lines + ["", ""]).joined(separator: "\r\n").utf8))
    }

    private static func names(_ filtered: FilteredMail) -> [String] {
        ["X-OTOBO-CustomerUser", "X-OTOBO-CustomerNo"].flatMap { name in
            filtered.header.fields(named: name).map(\.value)
        }
    }

    @Test("A known sender is named by login and customer id, in whatever letters they write their address")
    func known() async throws {
        try await withReplicas { replicas, _, database in
            _ = try await database.psql("UPDATE otalink.customer_user SET login = 'anna', customer_id = 'ACME'")
            let filtered = try await filter(replicas[0])(
                Self.header("From: Somebody <Anna@EXAMPLE.org>", "Subject: Hello"), envelopeSender: nil)
            #expect(filtered.outcome == .known(login: "anna"))
            #expect(Self.names(filtered) == ["anna", "ACME"])
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
        }
    }

    @Test("Of several people with one address the lowest valid login counts")
    func lowestLogin() async throws {
        try await withReplicas { replicas, _, database in
            _ = try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, valid_id)
                VALUES ('aaa', 'anna@example.org', '1', 'A', 'A', 2), ('aab', 'anna@example.org', '2', 'A', 'B', 1)
                """)
            let filtered = try await filter(replicas[0])(Self.header("From: anna@example.org"), envelopeSender: nil)
            #expect(filtered.outcome == .known(login: "aab"))
            #expect(Self.names(filtered) == ["aab", "2"])
        }
    }

    @Test("An unknown sender becomes a customer user under the canonical address")
    func created() async throws {
        try await withReplicas { replicas, _, database in
            let filtered = try await filter(replicas[0])(
                Self.header("From: =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <J.Mueller@Example.COM>"),
                envelopeSender: "bounces@example.com")
            #expect(filtered.outcome == .created(login: "j.mueller@example.com"))
            #expect(Self.names(filtered) == ["j.mueller@example.com", "j.mueller@example.com"])
            let row = try await database.psql(
                "SELECT login, email, customer_id, first_name, last_name, valid_id FROM otalink.customer_user "
                    + "WHERE login LIKE 'j%'")
            #expect(row == "j.mueller@example.com|j.mueller@example.com|j.mueller@example.com|Jürgen|Müller|1")
            let events = "SELECT event, customer_login FROM otalink.audit_event"
            #expect(try await database.psql(events).contains("customer.created|j.mueller@example.com"))
        }
    }

    @Test("A hundred mails of one stranger at two replicas make one account, and all name it")
    func race() async throws {
        try await withReplicas { replicas, _, database in
            let header = Self.header("From: Stranger <stranger@example.com>")
            let outcomes = try await withThrowingTaskGroup(of: InboundOutcome.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        try await filter(replicas[index % 2])(header, envelopeSender: nil).outcome
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .created(login: "stranger@example.com") } == 1)
            #expect(outcomes.count { $0 == .known(login: "stranger@example.com") } == 99)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "2")
        }
    }

    struct Nobody: Sendable, CustomTestStringConvertible {
        var testDescription: String { outcome.word }
        let lines: [String]
        var envelopeSender: String?
        var setting = on
        let outcome: InboundOutcome
    }

    static let nobodies = [
        Nobody(lines: ["From: eve@example.com"], envelopeSender: "", outcome: .robot(.emptyEnvelopeSender)),
        Nobody(lines: ["From: eve@example.com", "Auto-Submitted: auto-replied"], outcome: .robot(.automaticAnswer)),
        Nobody(lines: ["From: anna@example.org", "Precedence: bulk"], outcome: .robot(.bulk)),
        Nobody(lines: ["From: Desk <Desk@example.org>"], outcome: .robot(.ownAddress)),
        Nobody(lines: ["Subject: no sender"], outcome: .noSender(.noFromField)),
        Nobody(lines: ["From: eve"], outcome: .noSender(.noAddress)),
        Nobody(lines: ["From: eve@example.com"], setting: nil, outcome: .unknown),
        Nobody(
            lines: ["From: eve@example.com"], setting: .init(#"{"CustomerUserBackend": "CustomerUser2"}"#),
            outcome: .foreignBackend),
        Nobody(lines: ["From: off@example.org"], outcome: .switchedOff),
        Nobody(lines: ["From: taken@example.org"], outcome: .loginTaken),
    ]

    @Test("In doubt nobody is created and nobody named, and what the sender forged goes", arguments: nobodies)
    func nobody(row: Nobody) async throws {
        try await withReplicas { replicas, _, database in
            _ = try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, valid_id)
                VALUES ('off', 'off@example.org', '1', 'O', 'O', 2),
                       ('taken@example.org', 'other@example.org', '2', 'T', 'T', 1)
                """)
            let own = ["Message-ID: <1@example.com>"] + row.lines
            let lines = own + ["X-OTOBO-CustomerUser: root", "x-otrs-queue : Junk", "X-Znuny-State: closed"]
            let header = HeaderBlock(parsing: Array((lines + ["", ""]).joined(separator: "\n").utf8))
            let filtered = try await filter(replicas[0], row.setting, ownAddresses: ["desk@example.org"])(
                header, envelopeSender: row.envelopeSender)
            #expect(filtered.outcome == row.outcome)
            #expect(filtered.removedFields == 3)
            let rest = HeaderBlock(parsing: Array((own + ["", ""]).joined(separator: "\n").utf8))
            #expect(filtered.header == rest)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "3")
        }
    }

    @Test("A known sender is named where the settings create nobody, too")
    func knownWithoutSetting() async throws {
        try await withReplicas { replicas, _, _ in
            let filtered = try await filter(replicas[0], nil)(
                Self.header("From: anna@example.org", "X-OTOBO-CustomerNo: 1"), envelopeSender: nil)
            #expect(Self.names(filtered) == ["anna@example.org", "anna@example.org"])
        }
    }

    @Test("Trusted and without spoof protection, a customer user named before stays")
    func withoutProtection() async throws {
        try await withReplicas { replicas, _, _ in
            let trusting = CreateCustomerUserSetting(#"{"CustomerHeaderSpoofProtection": 0}"#)
            let named = Self.header(
                "Message-ID: <1@example.org>", "From: anna@example.org", "X-OTOBO-CustomerUser: bert")
            let kept = try await filter(replicas[0], trusting)(named, envelopeSender: nil, isTrusted: true)
            #expect(kept.outcome == .namedBefore)
            #expect(kept.header == named)
            let other = Self.header("From: anna@example.org", "X-OTOBO-Queue: Junk")
            let filtered = try await filter(replicas[0], trusting)(other, envelopeSender: nil, isTrusted: true)
            #expect(filtered.header.first(named: "X-OTOBO-Queue")?.value == "Junk")
            #expect(Self.names(filtered) == ["anna@example.org", "anna@example.org"])
        }
    }

    static let trustedRows: [(setting: String?, from: String, named: [String])] = [
        // Nobody is named: a robot, no sender, somebody unknown.
        (nil, "From: eve@example.com\r\nAuto-Submitted: auto-generated", []),
        ("{}", "From: eve@example.com\r\nAuto-Submitted: auto-generated", []),
        (#"{"CustomerHeaderSpoofProtection": 1}"#, "From: eve", []),
        (nil, "From: eve@example.com", []),
        ("{}", "From: anna@example.org", ["anna@example.org", "anna@example.org"]),
        (#"{"CustomerHeaderSpoofProtection": 0}"#, "From: eve", ["bert", "ACME"]),
    ]

    @Test(
        "Trusted, the desk's fields stay, but with spoof protection no customer that the mail names",
        arguments: trustedRows)
    func trustedWithProtection(row: (setting: String?, from: String, named: [String])) async throws {
        try await withReplicas { replicas, _, _ in
            let forged = ["X-OTOBO-", "x-otrs-", "X-Znuny-"].map {
                "\($0)CustomerUser: bert\r\n\($0)CustomerNo : ACME\r\n"
            }
            let header = Self.header(forged.joined() + "X-OTOBO-Queue: Junk\r\n\(row.from)")
            let filtered = try await filter(replicas[0], row.setting.flatMap { CreateCustomerUserSetting($0) })(
                header, envelopeSender: nil, isTrusted: true)
            #expect(Self.names(filtered) == row.named)
            #expect(filtered.header.first(named: "X-OTOBO-Queue")?.value == "Junk")
            let isProtected = row.setting?.contains("0") != true
            #expect(filtered.removedFields == (isProtected ? 6 : 0))
            #expect(filtered.header.fields(named: "X-Znuny-CustomerUser").isEmpty == isProtected)
        }
    }

    @Test("An address longer than a login may be is not cut, makes nobody, and never leads to somebody else's account")
    func longAddress() async throws {
        try await withReplicas { replicas, _, database in
            let domain = Array(repeating: String(repeating: "d", count: 45), count: 4).joined(separator: ".")
            let local = String(repeating: "l", count: 40)
            for end in ["com", "net", "com"] {
                let filtered = try await filter(replicas[0])(
                    Self.header("From: \(local)@\(domain).example.\(end)"), envelopeSender: nil)
                #expect(filtered.outcome == .addressTooLong)
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
        }
    }

    @Test("Every message of the sender table gets exactly the fields of its sender, or none, and keeps all others")
    func senderTable() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let filter = filter(replicas[0], ownAddresses: ["desk@example.com"])
            for row in namedSenders + refusedSenders + robotSenders {
                let length = HeaderBlock.length(in: row.header) ?? row.header.count
                let header = HeaderBlock(parsing: row.header[..<length])
                let filtered = try await filter(header, envelopeSender: row.envelopeSender)
                // The desk's columns are shorter than an address may be.
                let isNamed =
                    row.robot == nil && (!row.sender.hasPrefix("!") || row.sender.contains("@"))
                    && row.sender.count <= DeskColumns.longestCustomerID
                let names = ["X-OTOBO-CustomerUser", "X-OTOBO-CustomerNo"].flatMap { name in
                    filtered.header.fields(named: name).map(\.decodedValue)
                }
                #expect(names == (isNamed ? [row.sender, row.sender] : []), "\(row.name)")
                var rest = filtered.header
                _ = rest.remove(namesStartingWith: InboundFilter.steeringPrefixes)
                // A mail without Message-ID gets one.
                if header.first(named: "Message-ID") == nil {
                    #expect(rest.remove(namesStartingWith: ["Message-ID"]).count == 1, "\(row.name)")
                }
                var kept = header
                _ = kept.remove(namesStartingWith: InboundFilter.steeringPrefixes)
                #expect(rest.serialised == kept.serialised, "\(row.name)")
            }
        }
    }
}
