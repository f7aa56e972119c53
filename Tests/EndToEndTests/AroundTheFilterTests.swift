import CurlClient
import DemoDesk
import Foundation
import MailMessage
import SMTPSink
import TestSupport
import Testing

@Suite("The desk's road does not go round the filter", .timeLimit(.minutes(10)))
struct AroundTheFilterTests {
    private static let createSetting = "PostMaster::PreFilterModule###000-CreateCustomerUser"

    private static func mail(_ lines: [String], body: String = "Text") -> Data {
        Data((lines + ["To: support@example.org", "", body, ""]).joined(separator: "\r\n").utf8)
    }

    /// Through the filter and into the desk, until the desk's event is worked off.
    private static func pass(
        _ mail: Data, envelope: String, _ deployment: Deployment, told: inout Int
    ) async throws -> DemoTicket {
        let filtered = try await deployment.otalink("mail", "inbound", "--envelope-sender", envelope, input: mail)
        #expect(filtered.status == 0, "\(filtered.errors)")
        let ticket = await deployment.desk.receive(mail: Array(filtered.output.utf8))
        told += 1
        try await deployment.eventsAreDone(told)
        return ticket
    }

    @Test("Of all that the filter refuses, the desk's event makes nothing good: no customer user, no link")
    func refused() async throws {
        let passed = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net"
        let refused: [(lines: [String], envelope: String)] = [
            (["From: MAILER-DAEMON@mx.example.net (Mail Delivery System)", passed, "Message-ID: <1@x>"], ""),
            (
                ["From: bounced@example.net", passed, "Message-ID: <2@x>", "X-Failed-Recipients: a@example.net"],
                "b@x.net"
            ),
            (["From: Lisa <lisa@example.net>", passed, "Message-ID: <3@x>", "List-Id: <news.example.net>"], "l@x.net"),
            (["From: Udo <udo@example.net>", passed, "Message-ID: <4@x>", "Auto-Submitted: auto-replied"], "u@x.net"),
            (["From: Udo <udo@example.net>", passed, "X-OTRS-Loop: yes"], "u@x.net"),
            (["From: Fay <fay@example.net>", "Authentication-Results: mx.example.org; dmarc=fail"], "f@x.net"),
            (["From: Fay <fay@example.net>", "Message-ID: <5@x>"], "f@x.net"),
            (["From: a@example.net via Board <board@example.net>", passed, "Message-ID: <6@x>"], "f@x.net"),
        ]
        try await withDeployment(settings: ["AuthenticationServer": "mx.example.org", "NewCustomerUsersPerHour": "2"]) {
            (deployment) async throws in
            var told = 0
            for mail in refused {
                _ = try await Self.pass(Self.mail(mail.lines), envelope: mail.envelope, deployment, told: &told)
            }
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.customer_user") == "0")
            // People, and one too many; another wants no automatic answer.
            for name in ["nora", "nils", "nell"] {
                var lines = ["From: \(name)@example.net", passed, "Message-ID: <\(name)@x>"]
                if name == "nils" { lines.append("X-Auto-Response-Suppress: All") }
                _ = try await Self.pass(Self.mail(lines), envelope: "a@x.net", deployment, told: &told)
            }
            let logins = "SELECT string_agg(login, ' ' ORDER BY login) FROM otalink.customer_user"
            #expect(try await deployment.database.psql(logins) == "nils@example.net nora@example.net")
            let recipients = "SELECT string_agg(recipient, ' ') FROM otalink.mail_outbox"
            #expect(try await deployment.database.psql(recipients) == "nora@example.net")
            // The desk gave every one of them its sender as customer user.
            #expect(await deployment.desk.allTickets.count == refused.count + 3)
        }
    }

    @Test("A loop ends, whatever answers our mails, and a mail of ours that comes back makes nothing")
    func loop() async throws {
        try await withDeployment { (deployment) async throws in
            var told = 0
            func fetch(_ mail: Data) async throws {
                _ = await deployment.desk.receive(mail: Array(mail))
                told += 1
                try await deployment.eventsAreDone(told)
            }
            // The desk fetches its mails itself. Something at Nora's address answers each of our mails with a new one.
            for number in 0..<8 {
                try await fetch(
                    Self.mail(["From: Nora <nora@example.net>", "Message-ID: <\(number)@x>", "Subject: \(number)"]))
                if number < 5 { _ = try await deployment.sink.nextMail(after: number) { _ in true } }
            }
            let ours = try #require(await deployment.sink.mails().first)
            let messageID = try #require(MailReader(ours.data).header.first(named: "Message-ID")?.value)
            #expect(messageID.contains(/<[0-9a-f-]{36}@[0-9a-f]{20}\.127\.0\.0\.1>/))
            // Its bounce, and our own mail, forwarded by a mailbox: as it was, and in another's name.
            try await fetch(
                Self.mail([
                    "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)", "Message-ID: <b@x>",
                    "In-Reply-To: \(messageID)", "Subject: Undelivered Mail",
                ]))
            try await fetch(Data(ours.data))
            try await fetch(Self.mail(["From: Help Desk <support@example.org>", "Message-ID: \(messageID)"]))
            try await fetch(Self.mail(["From: Nils <nils@example.net>", "Message-ID: \(messageID)"]))
            _ = try await Self.pass(
                Self.mail(["From: Nell <nell@example.net>", "Message-ID: \(messageID)"]), envelope: "nell@example.net",
                deployment, told: &told)
            let logins = "SELECT string_agg(login, ' ') FROM otalink.customer_user"
            #expect(try await deployment.database.psql(logins) == "nora@example.net")
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.mail_outbox") == "5")
            let withheld = """
                SELECT string_agg(DISTINCT reason, ' ' ORDER BY reason) FROM otalink.audit_event WHERE event = 'mail.withheld'
                """
            #expect(
                try await deployment.database.psql(withheld)
                    == "robot-own-address robot-own-mail robot-unattended-address too-many-first-links")
        }
    }

    @Test("Answers are filed by subject and by references, and make nobody, with the desk's help or with known tickets")
    func answers() async throws {
        try await withDeployment { (deployment) async throws in
            var told = 0
            let first = try await Self.pass(
                Self.mail(["From: Nora <nora@example.net>", "Message-ID: <1@x>"]), envelope: "nora@example.net",
                deployment, told: &told)
            var withoutDesk = deployment.environment
            for name in ["URL", "LOGIN", "PASSWORD"] { withoutDesk["OTALINK_DESK_\(name)"] = nil }
            withoutDesk["OTALINK_LOG_LEVEL"] = "info"
            let answer = Self.mail([
                "From: Nils <nils@example.net>", "Message-ID: <2@x>", "Subject: Re: [Ticket#\(first.number)] x",
            ])
            let filed = try await Self.pass(answer, envelope: "nils@example.net", deployment, told: &told)
            #expect(filed.number == first.number && filed.articles.count == 2)
            let known = try await ChildProcess.run(
                Deployment.program, ["mail", "inbound"], environment: withoutDesk, input: answer)
            #expect(known.errors.contains("outcome=follow-up") && known.errors.contains("known-tickets"))
            // The desk has an open ticket that was never told of here.
            let unknown = Self.mail(["From: Nils <nils@example.net>", "Subject: Re: [Ticket#2020010110000001] x"])
            let passed = try await ChildProcess.run(
                Deployment.program, ["mail", "inbound"], environment: withoutDesk, input: unknown)
            #expect(passed.errors.contains("outcome=unknown-ticket"))
            let byReference = await deployment.desk.receive(
                mail: Array(
                    Self.mail(["From: Nell <nell@example.net>", "Message-ID: <3@x>", "References: <0@x> <1@x>"])))
            told += 1
            try await deployment.eventsAreDone(told)
            #expect(byReference.number == first.number)
            let logins = "SELECT string_agg(login, ' ') FROM otalink.customer_user"
            #expect(try await deployment.database.psql(logins) == "nora@example.net")
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test(
        "A desk without the field of SetCheckBoxName costs the customer nothing, and doctor finds that, and missing addresses"
    )
    func doctor() async throws {
        try await withDeployment(settings: [Self.createSetting: #"{"SetCheckBoxName":"NewCustomer"}"#]) {
            (deployment) async throws in
            _ = await deployment.desk.receive(
                mail: Array(Self.mail(["From: Nora <nora@example.net>", "Message-ID: <1@x>"])))
            let mail = try await deployment.sink.nextMail { _ in true }
            #expect(mail.recipients == ["nora@example.net"])
            let before = try await doctor(deployment)
            #expect(before.contains("The desk has no valid dynamic field NewCustomer"))
            #expect(before.contains("1 ticket of new customer users could not be marked"))
            #expect(before.contains("DeskAddresses is empty"))
            _ = try await deployment.otalink("setting", "set", "DeskAddresses", "help@example.org")
            let after = try await doctor(deployment)
            #expect(after.contains("2 addresses of our own") && !after.contains("DeskAddresses is empty"))
        }
    }

    /// What it prints; it ends with 1, since something failed.
    private func doctor(_ deployment: Deployment) async throws -> String {
        try await ChildProcess(Deployment.program, ["doctor"], environment: deployment.environment).finished().output
    }
}
