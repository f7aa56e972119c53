import CurlClient
import DemoDesk
import Foundation
import MailMessage
import TestSupport
import Testing

@Suite("otalink mail outbound in place of sendmail", .timeLimit(.minutes(10)))
struct MailOutboundTests {
    private static let mail = """
        From: Help Desk <support@example.org>
        To: Anna Example <anna@example.org>
        Subject: [Ticket#NUMBER] Printer on fire
        Message-ID: <1@desk.example.org>

        See your ticket: <OTOBO_OTACustomerTicketLink>

        .
        Bye
        """

    /// A stand-in that writes down how it was called and what it read, and ends with a code of the test's.
    private struct RecordingSendmail {
        let directory = "/tmp/otalink-sendmail-\(UUID().uuidString.prefix(8))"
        var program: String { directory + "/sendmail" }

        init(code: Int = 0) async throws {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let script = """
                #!/bin/sh
                n=$(ls \(directory) | grep -c mail-)
                for word in "$@"; do printf '%s|' "$word"; done >\(directory)/arguments-$n
                cat >\(directory)/mail-$n
                exit \(code)

                """
            try await ScriptFile.write(script, to: program)
        }

        func call(_ number: Int) throws -> (arguments: String, mail: String) {
            (
                try String(contentsOfFile: "\(directory)/arguments-\(number)", encoding: .utf8),
                try String(contentsOfFile: "\(directory)/mail-\(number)", encoding: .utf8)
            )
        }

        var count: Int {
            (try? FileManager.default.contentsOfDirectory(atPath: directory).count { $0.hasPrefix("mail-") }) ?? 0
        }

        func remove() throws { try FileManager.default.removeItem(atPath: directory) }
    }

    private func outbound(
        _ arguments: [String], mail: String, environment: [String: String]
    ) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, ["mail", "outbound"] + arguments, environment: environment, input: Data(mail.utf8)
        ).finished()
    }

    @Test(
        "A mail without the tag goes on byte for byte with the arguments as they were, and no service is needed",
        arguments: [
            ["-i", "-f", "support@example.org", "anna@example.org"], ["-t", "-oi"],
            ["-fsupport@example.org", "--", "-odd@example.org"], ["-bs"],
        ])
    func untouched(arguments: [String]) async throws {
        let sendmail = try await RecordingSendmail(code: 69)
        let mail = "From: a@example.org\nBcc: b@example.org\n\n.\nNo tag, but \u{FC}.\r\n"
        let finished = try await outbound(
            arguments, mail: mail, environment: ["OTALINK_SENDMAIL": sendmail.program])
        #expect(finished.status == 69, "\(finished.errors)")
        let call = try sendmail.call(0)
        #expect(call.mail == mail)
        #expect(call.arguments == arguments.map { $0 + "|" }.joined())
        try sendmail.remove()
    }

    @Test("Without the service a mail with the tag is kept; with --fail-open it goes out with a sentence instead")
    func serviceAway() async throws {
        let sendmail = try await RecordingSendmail()
        let environment = [
            "OTALINK_SENDMAIL": sendmail.program, "OTALINK_SERVICE_URL": "http://127.0.0.1:1",
            "OTALINK_API_KEY": "ota_x",
        ]
        let kept = try await outbound(["-i", "anna@example.org"], mail: Self.mail, environment: environment)
        #expect(kept.status == 75 && sendmail.count == 0)
        let unset = try await outbound(
            ["anna@example.org"], mail: Self.mail, environment: ["OTALINK_SENDMAIL": sendmail.program])
        #expect(unset.status == 75 && unset.errors.contains("OTALINK_SERVICE_URL is missing"))
        let open = try await outbound(
            ["--fail-open", "-i", "anna@example.org"], mail: Self.mail, environment: environment)
        #expect(open.status == 0)
        let call = try sendmail.call(0)
        #expect(call.mail.contains("a link to your ticket could not be created") && !call.mail.contains("OTOBO_"))
        #expect(call.arguments == "-i|--|anna@example.org|")
        try sendmail.remove()
    }

    @Test("A key that the service refuses is told of in words on the mail host, and by doctor")
    func refusedKey() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let sendmail = try await RecordingSendmail()
            let (good, mail) = try await prepared(deployment)
            func outbound(_ key: String?) async throws -> ChildProcess.Finished {
                var environment = good
                environment["OTALINK_SENDMAIL"] = sendmail.program
                if let key { environment["OTALINK_API_KEY"] = key }
                return try await self.outbound(["-i", "anna@example.org"], mail: mail, environment: environment)
            }
            func row() async throws -> String? {
                try await deployment.finished(["doctor"]).output.split(separator: "\n").map(String.init)
                    .first { $0.contains("  outgoing mail ") }
            }
            let refused = try await outbound("ota_wrong")
            #expect(refused.status == 75 && sendmail.count == 0)
            #expect(refused.errors.contains("does not know the key") && !refused.errors.contains("\"detail\""))
            #expect(try await row()?.contains("no-valid-key. Put the key of") == true)
            #expect(try await outbound(nil).status == 0)
            #expect(try await row()?.hasPrefix("good") == true)
            try sendmail.remove()
        }
    }

    private struct Queueing: Sendable {
        let settings: DemoMailQueue<String>.Settings
        var failsOpen = false
        /// In which minute the mail goes out; nil: the desk deletes it.
        let sentIn: ClosedRange<Int>?
    }

    @Test(
        "An hour without the service: a desk with the printed queue keeps the mail, --fail-open lets it out at once; without either it is lost"
    )
    func deskQueue() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let (live, mail) = try await prepared(deployment)
            let config = try await deployment.otalink("desk", "config").output
            let line = /MailQueue\} = \{ ItemMaxAttempts => ([0-9]+), IncrementAttemptDelayInMinutes => ([0-9]+) \};/
            let printed = try #require(config.firstMatch(of: line)).output
            let ours = DemoMailQueue<String>.Settings(
                mostAttempts: try #require(Int(printed.1)), increment: try #require(Int(printed.2)))
            let rows = [
                Queueing(settings: ours, sentIn: 60...90), Queueing(settings: .init(), failsOpen: true, sentIn: 0...0),
                Queueing(settings: ours, failsOpen: true, sentIn: 0...0), Queueing(settings: .init(), sentIn: nil),
            ]
            for (number, row) in rows.enumerated() {
                let sendmail = try await RecordingSendmail()
                let away = ["OTALINK_SERVICE_URL": "http://127.0.0.1:1", "OTALINK_SENDMAIL": sendmail.program]
                let back = ["OTALINK_SENDMAIL": sendmail.program]
                let arguments = (row.failsOpen ? ["--fail-open"] : []) + ["-i", "anna@example.org"]
                var queue = DemoMailQueue<String>(row.settings)
                queue.add(mail.replacing("<1@desk", with: "<queue-\(number)@desk"), minute: 0)
                while let minute = queue.nextMinute {
                    try await queue.work(minute: minute) { mail in
                        let environment = live.merging(minute < 60 ? away : back) { $1 }
                        return try await outbound(arguments, mail: mail, environment: environment).status
                    }
                }
                #expect(queue.sent.map(\.minute).allSatisfy { row.sentIn?.contains($0) == true }, "\(row)")
                #expect((queue.sent.count, queue.lost.count) == (row.sentIn == nil ? (0, 1) : (1, 0)), "\(row)")
                #expect(sendmail.count == queue.sent.count, "\(row)")
                // As the desk comes, six minutes are all the time that there is.
                #expect(queue.lost.allSatisfy { $0.minute == 6 }, "\(row)")
                if row.sentIn != nil {
                    let text = try sendmail.call(0).mail
                    #expect(text.contains("/l/") == !row.failsOpen && !text.contains("OTOBO_"), "\(row)")
                    #expect(text.contains("a link to your ticket could not be created") == row.failsOpen, "\(row)")
                }
                try sendmail.remove()
            }
        }
    }

    @Test("With -t the header says who gets it, and the blind copy leaves the header; what sendmail ends with counts")
    func headerRecipients() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let (environment, mail) = try await prepared(deployment)
            let sendmail = try await RecordingSendmail()
            let blind = mail.replacing("To: Anna", with: "Bcc: bert@example.org\nTo: Anna")
            let sent = try await outbound(
                ["-t", "-i", "-f", "support@example.org"], mail: blind,
                environment: environment.merging(["OTALINK_SENDMAIL": sendmail.program]) { $1 })
            #expect(sent.status == 0, "\(sent.errors)")
            let call = try sendmail.call(0)
            #expect(call.arguments == "-i|-f|support@example.org|--|anna@example.org|bert@example.org|")
            #expect(!call.mail.contains("Bcc") && !call.mail.contains("/l/") && call.mail.contains("/ticket/"))
            let refusing = try await RecordingSendmail(code: 67)
            let refused = try await outbound(
                ["-i", "anna@example.org"], mail: mail,
                environment: environment.merging(["OTALINK_SENDMAIL": refusing.program]) { $1 })
            #expect(refused.status == 67)
            // Refused: the link is never the active one. Handed over again and taken: the same link.
            let states =
                "SELECT string_agg(state, ' ') FROM otalink.link WHERE origin = 'notification' AND id IN (SELECT link_id FROM otalink.outbound_link)"
            #expect(try await deployment.database.psql(states) == "offered")
            let taken = try await outbound(
                ["-i", "anna@example.org"], mail: mail,
                environment: environment.merging(["OTALINK_SENDMAIL": sendmail.program]) { $1 })
            #expect(taken.status == 0)
            #expect(try sendmail.call(1).mail == refusing.call(0).mail)
            #expect(try await deployment.database.psql(states) == "active")
            try sendmail.remove()
            try refusing.remove()
        }
    }

    @Test("Nobody is left out: recipients beside -t, a header that only sendmail can read; and nobody is added")
    func everyRecipient() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let (environment, mail) = try await prepared(deployment)
            let sendmail = try await RecordingSendmail()
            func call(_ number: Int, _ arguments: [String], _ mail: String) async throws -> (
                arguments: String, mail: String
            ) {
                let sent = try await outbound(
                    arguments, mail: mail,
                    environment: environment.merging(["OTALINK_SENDMAIL": sendmail.program]) { $1 })
                #expect(sent.status == 0, "\(sent.errors)")
                return try sendmail.call(number)
            }
            let both = try await call(0, ["-t", "-i", "bert@example.org"], mail)
            #expect(both.arguments == "-i|--|anna@example.org|bert@example.org|")
            #expect(!both.mail.contains("/l/") && both.mail.contains("/ticket/"))
            // A group: the mail is changed, and sendmail reads the header itself.
            let group = try await call(
                1, ["-t", "-i"], mail.replacing("To: Anna", with: "Cc: Team: bert@example.org;\nTo: Anna"))
            #expect(group.arguments == "-t|-i|")
            #expect(group.mail.contains("Cc: Team: bert@example.org;") && group.mail.contains("/ticket/"))
            // Without any recipient it is sendmail that says so, and the header is not asked.
            let nobody = try await call(2, ["-i"], mail)
            #expect(nobody.arguments == "-i|" && nobody.mail == mail)
            try sendmail.remove()
        }
    }

    @Test(
        "Desk, filter, Postfix, mailbox, click: signed in",
        .enabled(if: PostfixServer.isHere, "needs root and Debian's postfix"))
    func postfix() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let (environment, mail) = try await prepared(deployment)
            let mailbox = "/tmp/otalink-mailbox-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: mailbox, withIntermediateDirectories: true)
            chmod(mailbox, 0o777)
            let postfix = try await PostfixServer(aliases: [
                "anna": "cat >\(mailbox)/new && mv \(mailbox)/new \(mailbox)/anna"
            ])
            let sendmail = mailbox + "/sendmail"
            try await ScriptFile.write(
                "#!/bin/sh\nexec /usr/sbin/sendmail -C \(postfix.directory) \"$@\"\n", to: sendmail)
            let sent = try await outbound(
                ["-i", "-f", "support@example.org", "anna@example.org"], mail: mail,
                environment: environment.merging(["OTALINK_SENDMAIL": sendmail]) { $1 })
            #expect(sent.status == 0, "\(sent.errors)")
            while !FileManager.default.fileExists(atPath: mailbox + "/anna") { try await giveWay() }
            let delivered = try String(contentsOfFile: mailbox + "/anna", encoding: .utf8)
            try await postfix.stop()
            try FileManager.default.removeItem(atPath: mailbox)
            // The single dot ended nothing, and the rest is as the desk wrote it.
            #expect(delivered.contains("\n\n.\nBye"))
            let link = try #require(delivered.firstMatch(of: /\nhttp:\/\/127\.0\.0\.1:[0-9]+(\/l\/[0-9A-Za-z]{43})\n/))
            let anna = deployment.browser(on: 1)
            let signedIn = try await anna.press(try await anna.get(String(link.1)))
            #expect(signedIn.status == 303)
            #expect(try await anna.get(signedIn.header("Location") ?? "").text.contains("Printer on fire"))
        }
    }

    /// A ticket of Anna's at the desk, a key for the command, and the desk's mail about the ticket.
    private func prepared(_ deployment: Deployment) async throws -> (environment: [String: String], mail: String) {
        let raw =
            "From: Anna Example <anna@example.org>\nTo: support@example.org\nSubject: Printer on fire\n\nIt burns.\n"
        let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
        let ticket = await deployment.desk.receive(mail: Array(filtered.utf8))
        let key = try await deployment.otalink("api-key", "create", "desk-mail", "--scope", "mail:outbound").output
        let environment = [
            "OTALINK_SERVICE_URL": deployment.replicas[0].url,
            "OTALINK_API_KEY": key.trimmingCharacters(in: .whitespacesAndNewlines),
        ]
        return (environment, Self.mail.replacing("NUMBER", with: "\(ticket.number)"))
    }
}
