import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import Testing

@Suite("Refresh mails that one client causes")
struct ClientLimitTests {
    @Test(
        "Beyond the limit a click mails nothing and says so, on whichever replica; other clients are not held up")
    func clicks() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = Settings(stored: [SettingName.refreshMailsPerClientAndHour: "2"])
            var spent: [String] = []
            for number in 1...5 {
                var ticket = try exampleTicket()
                ticket.number = try #require(TicketNumber("T\(number)"))
                ticket.ticketID = Int64(100 + number)
                desk.change { [ticket] in $0.tickets[ticket.number] = ticket }
                let token = try await replicas[0].token(ticket: ticket.number)
                _ = try await replicas[0].click(token)
                spent.append(token)
            }
            let tokens = spent
            @Sendable func click(_ index: Int, from client: String?) async throws -> RedeemAnswer {
                try await replicas[index % 2].redeem(
                    token: tokens[index], browser: [9], settings: settings, language: "en",
                    context: RequestContextFacts(clientAddress: client))
            }
            for index in 0..<2 { #expect(try await click(index, from: "192.0.2.1") == .message(.newLink)) }
            guard case .noNewLink(.limited(let seconds)) = try await click(2, from: "192.0.2.1") else {
                Issue.record("nothing was mailed, and it has to be said")
                return
            }
            #expect((1...3600).contains(seconds))
            let mails = "SELECT string_agg(ticket_number, ' ' ORDER BY ticket_number) FROM otalink.mail_outbox"
            #expect(try await database.psql(mails) == "T1 T2")
            #expect(try await click(3, from: "192.0.2.2") == .message(.newLink))
            // What nobody's address is known of counts for nobody.
            #expect(try await click(4, from: nil) == .message(.newLink))
            #expect(try await database.psql(mails) == "T1 T2 T4 T5")
            try await database.psql("UPDATE otalink.audit_event SET at = at - interval '1 hour'")
            #expect(try await click(2, from: "192.0.2.1") == .message(.newLink))
            #expect(try await database.psql(mails) == "T1 T2 T3 T4 T5")
        }
    }

    @Test("Of an IPv6 client its /64 network is limited, whichever address of it comes, and other networks are not")
    func networks() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = Settings(stored: [SettingName.refreshMailsPerClientAndHour: "1"])
            func click(_ number: Int, from client: String, isMailed: Bool) async throws {
                var ticket = try exampleTicket()
                ticket.number = try #require(TicketNumber("T\(number)"))
                ticket.ticketID = Int64(100 + number)
                desk.change { [ticket] in $0.tickets[ticket.number] = ticket }
                let token = try await replicas[0].token(ticket: ticket.number)
                _ = try await replicas[0].click(token)
                let answer = try await replicas[number % 2].redeem(
                    token: token, browser: [9], settings: settings, language: "en",
                    context: RequestContextFacts(clientAddress: client))
                #expect((answer == .message(.newLink)) == isMailed)
            }
            try await click(1, from: "2001:db8:0:1::1", isMailed: true)
            try await click(2, from: "2001:db8:0:1:ffff::2", isMailed: false)
            try await click(3, from: "2001:db8:0:2::1", isMailed: true)
            let mails = "SELECT string_agg(ticket_number, ' ' ORDER BY ticket_number) FROM otalink.mail_outbox"
            #expect(try await database.psql(mails) == "T1 T3")
        }
    }

    @Test("The button for a fresh link says how long to wait")
    func button() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let settings = Settings(stored: [SettingName.refreshMailsPerClientAndHour: "1"])
            let old = try await replicas[0].token()
            _ = try await replicas[0].token()
            let link = try #require(replicas[0].keys.verify(old, as: .link))
            let context = RequestContextFacts(clientAddress: "192.0.2.1")
            let event = AuditEvent("link.issued", reason: "refresh", context: context)
            try await replicas[0].store.audit.record(event)
            try await database.psql("UPDATE otalink.audit_event SET at = now() - interval '59 minutes'")
            let answer = try await replicas[1].redeem.freshLink(
                link: link, settings: settings, language: "en", context: context)
            guard case .noMail(.limited(let seconds)) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect((1...60).contains(seconds))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
        }
    }
}
