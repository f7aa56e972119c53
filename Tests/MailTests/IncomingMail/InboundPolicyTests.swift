import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import IncomingMail

@Suite("What the settings make of incoming mail")
struct InboundPolicyTests {
    private static func header(_ lines: [String]) -> HeaderBlock {
        HeaderBlock(
            parsing: Array((["From: Nora <nora@example.net>"] + lines + ["", ""]).joined(separator: "\r\n").utf8))
    }

    @Test(
        "A ticket's mark in a subject",
        arguments: [
            ("Re: [Ticket#2026112510000018] Printer", "2026112510000018"),
            ("Printer [Ticket#2026112510000018]", "2026112510000018"),
            ("AW: TICKET#2026112510000018: x", "2026112510000018"), ("Ticket#12", nil),
            ("Ticket 2026112510000018", nil),
            ("Ticket# 2026112510000018", nil), ("Ticket#", nil), ("", nil),
            ("Ticket#x Ticket#2026112510000018", "2026112510000018"),
        ] as [(String, String?)])
    func hook(subject: String, number: String?) {
        let hook = SubjectHook(text: "Ticket#", divider: "", isUsed: true)
        #expect(hook.ticketNumber(in: subject)?.text == number)
        #expect(SubjectHook(text: "Ticket#", divider: "", isUsed: false).ticketNumber(in: subject) == nil)
    }

    @Test("Hook and divider are the desk's own")
    func ownHook() {
        let hook = SubjectHook(text: "Anfrage", divider: ": ", isUsed: true)
        #expect(hook.ticketNumber(in: "AW: [Anfrage: 4711] x")?.text == "4711")
        #expect(hook.ticketNumber(in: "AW: [Ticket#4711] x") == nil)
    }

    @Test("An answer to an open ticket creates nobody; to a closed or unknown one it is a new ticket")
    func followUps() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            func outcome(_ lines: String..., isAsked: Bool = true) async throws -> InboundOutcome {
                let filter = inboundFilter(replicas[0], desk: isAsked ? desk : nil) {
                    $0.create = CreateCustomerUserSetting("{}")
                }
                let outcome = try await filter(Self.header(lines), envelopeSender: nil).outcome
                try await database.psql("DELETE FROM otalink.customer_user WHERE login LIKE 'nora%'")
                return outcome
            }
            let created = InboundOutcome.created(login: "nora@example.net")
            #expect(try await outcome("Subject: Re: [Ticket#2026112510000018] Printer") == .followUp)
            #expect(try await outcome("Subject: Re: [Ticket#2026112510000099] Printer") == created)
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.stateType = .closed }
            }
            #expect(try await outcome("Subject: Re: [Ticket#2026112510000018] Printer") == created)
            // Out of reach: the tickets that we have seen decide. Of an unknown one the desk will tell, if it makes a new one.
            desk.change { $0.isReachable = false }
            #expect(try await outcome("Subject: [Ticket#2026112510000018]") == .unknownTicket)
            #expect(try await outcome("Subject: [Ticket#2026112510000018]", isAsked: false) == .unknownTicket)
            #expect(try await outcome("Subject: Printer", isAsked: false) == created)
            try await replicas[0].store.tickets.store([(exampleTicket().number, exampleTicket())], askedAt: Date())
            #expect(try await outcome("Subject: [Ticket#2026112510000018]") == .followUp)
            #expect(try await outcome("Subject: [Ticket#2026112510000018]", isAsked: false) == .followUp)
            // An answer to a mail of ours, whatever its subject has become.
            let mail = UUID.version7()
            try await database.psql(
                """
                INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language)
                VALUES ('\(mail)', 'refresh', '2026112510000018', 'anna@example.org', 'anna@example.org', 'en')
                """)
            #expect(
                try await outcome("Subject: thanks", "In-Reply-To: <\(mail.text)@tickets.example.org>") == .followUp)
            #expect(try await outcome("Subject: thanks", "References: <x@y> <\(UUID())@z>") == created)
        }
    }

    @Test(
        "The desk's family says which spelling it reads; unless told, both are set, and of either what a stranger forged goes",
        arguments: [
            (nil, ["X-OTOBO-", "X-OTRS-"]), ("both", ["X-OTOBO-", "X-OTRS-"]), ("X-OTOBO-", ["X-OTOBO-"]),
            ("X-OTRS-", ["X-OTRS-"]),
        ] as [(String?, [String])])
    func prefixes(setting: String?, prefixes: [String]) async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let settings = Settings(stored: setting.map { [SettingName.fieldPrefix: $0] } ?? [:])
            let filter = inboundFilter(replicas[0]) { $0 = InboundPolicy(settings: settings) }
            let forged = ["X-OTOBO-", "X-OTRS-", "X-Znuny-"].map { "\($0)CustomerUser: root\n\($0)CustomerNo: root\n" }
            let header = HeaderBlock(
                parsing: Array("\(forged.joined())From: anna@example.org\n\n".utf8))
            let filtered = try await filter(header, envelopeSender: nil).header
            for prefix in InboundFilter.steeringPrefixes {
                for name in ["CustomerUser", "CustomerNo"] {
                    #expect(
                        filtered.fields(named: prefix + name).map(\.value)
                            == (prefixes.contains(prefix) ? ["anna@example.org"] : []))
                }
            }
        }
    }

    @Test("Check box, both families' fields, and the preferences of a new account")
    func fields() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let settings = Settings(stored: [
                SettingName.createCustomerUser: #"{"SetCheckBoxName":"NewCustomer"}"#,
                SettingName.newCustomerLanguage: "de",
            ])
            let filter = inboundFilter(replicas[0]) { $0 = InboundPolicy(settings: settings) }
            let header = try await filter(Self.header([]), envelopeSender: nil).header
            for prefix in ["X-OTOBO-", "X-OTRS-"] {
                #expect(header.first(named: prefix + "CustomerUser")?.value == "nora@example.net")
                #expect(header.first(named: prefix + "CustomerNo")?.value == "nora@example.net")
                #expect(header.first(named: prefix + "DynamicField-NewCustomer")?.value == "1")
            }
            let preferences = try await database.psql(
                "SELECT string_agg(preferences_key || '=' || preferences_value, ' ' ORDER BY preferences_key) FROM otalink.customer_preference WHERE user_id LIKE 'nora%'"
            )
            #expect(preferences == "UserLanguage=de UserRefreshTime=0 UserShowTickets=25 UserTimeZone=UTC")
        }
    }

    @Test("Limits of new accounts, in all and for a domain; whoever is known passes them")
    func limits() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let filter = inboundFilter(replicas[0]) { policy in
                policy.create = CreateCustomerUserSetting("{}")
                policy.newAccountsPerHour = 4
                policy.newAccountsPerDomainAndHour = 2
            }
            func word(_ address: String) async throws -> String {
                let header = HeaderBlock(parsing: Array("From: \(address)\r\n\r\n".utf8))
                return try await filter(header, envelopeSender: nil).outcome.word
            }
            // Anna Example was created within the hour too.
            #expect(try await word("a@example.net") == "created")
            #expect(try await word("b@example.net") == "created")
            #expect(try await word("c@example.net") == "limited")
            #expect(try await word("a@example.net") == "known")
            #expect(try await word("d@example.com") == "created")
            #expect(try await word("e@example.com") == "limited")
            #expect(try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE reason = 'limited'") == "2")
            try await database.psql("UPDATE otalink.audit_event SET at = now() - interval '61 minutes'")
            #expect(try await word("c@example.net") == "created")
        }
    }

    @Test("Forged fields are told in the audit trail; trusted ones stay")
    func trusted() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let header = Self.header(["X-OTOBO-Queue: Junk", "x-otrs-priority: 5"])
            let trusted = try await inboundFilter(replicas[0])(header, envelopeSender: nil, isTrusted: true)
            #expect(trusted.header.first(named: "X-OTOBO-Queue")?.value == "Junk")
            let filtered = try await inboundFilter(replicas[0])(header, envelopeSender: nil)
            #expect(filtered.removedFields == 2)
            let told = try await database.psql(
                "SELECT reason FROM otalink.audit_event WHERE event = 'mail.fields_removed'")
            #expect(told.lowercased() == "x-otobo-queue x-otrs-priority")
        }
    }

    @Test("With the gate, nobody is created whom our mail server does not vouch for")
    func gated() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let filter = inboundFilter(replicas[0]) { policy in
                policy.create = CreateCustomerUserSetting("{}")
                policy.authentication = AuthenticationGate(server: "mx.example.org")
            }
            #expect(try await filter(Self.header([]), envelopeSender: nil).outcome == .unauthenticated)
            let vouched = Self.header(["Authentication-Results: mx.example.org; dmarc=pass header.from=example.net"])
            #expect(try await filter(vouched, envelopeSender: nil).outcome == .created(login: "nora@example.net"))
        }
    }
}
