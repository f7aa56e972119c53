import CurlClient
import Foundation
import MailMessage
import ReplicaSupport
import SMTPSink
import TestSupport
import Testing

@Suite(
    "Mails, requests for links and reports of the desk at the previous release and this one, on one database",
    .enabled(if: PreviousRelease.isHere), .timeLimit(.minutes(10)))
struct TwoReleasesQueueTests {
    private func link(in mail: ReceivedMail) throws -> String {
        let reader = MailReader(mail.data)
        let text = try #require(reader.textParts.first.map { reader.text(of: $0).string })
        return try #require(text.firstMatch(of: /\/l\/[0-9A-Za-z]{43}\b/)).output.description
    }

    private func press(_ link: String, _ replica: String, _ deployment: Deployment) async throws -> HTTPResponse {
        let browser = Browser(client: deployment.client, base: replica)
        return try await browser.press(try await browser.get(link))
    }

    /// Has a mail with a fresh link queued at a replica: by a spent link that is opened in another browser.
    private func queueMail(at replica: String, _ deployment: Deployment) async throws {
        let link = try await deployment.link(ticket: try await deployment.annasTicket())
        #expect(try await press(link, replica, deployment).status == 303)
        #expect(try await press(link, replica, deployment).status == 200)
        try await deployment.until(
            "SELECT attempts > 0 AND claimed_by IS NULL FROM otalink.mail_outbox WHERE state = 'queued'", is: "t")
    }

    private static let sendNow = """
        UPDATE otalink.mail_outbox SET next_attempt_at = now() WHERE state = 'queued';
        NOTIFY otalink_mail
        """

    @Test(
        "A mail that one has queued the other sends once, and its link signs in, opened at one and pressed at the other"
    )
    func mails() async throws {
        for isOldFirst in [true, false] {
            try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
                await deployment.sink.follow(SMTPScript(faults: [.recipient: .reply("450 4.2.1 Later")]))
                if isOldFirst {
                    try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
                        (old) async throws in try await queueMail(at: old[0].url, deployment)
                    }
                } else {
                    try await queueMail(at: deployment.replicas[0].url, deployment)
                    await deployment.endReplicas()
                }
                let sender = isOldFirst ? Deployment.program : PreviousRelease.program
                try await withRunningReplicas([deployment.environment], program: sender) { (_) async throws in
                    await deployment.sink.follow(SMTPScript())
                    try await deployment.database.psql(Self.sendNow)
                    let mail = try await deployment.sink.nextMail()
                    try await deployment.until("SELECT state FROM otalink.mail_outbox", is: "sent")
                    try await deployment.until("SELECT state FROM otalink.link WHERE used_at IS NULL", is: "active")
                    #expect(await deployment.sink.mailCount() == 1)
                    try await opened(try link(in: mail), deployment)
                }
            }
        }
    }

    /// Opens a link at a replica of each release, and presses it at one.
    private func opened(_ link: String, _ deployment: Deployment) async throws {
        try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
            (old) async throws in
            try await withRunningReplicas([deployment.environment]) { (new) async throws in
                let browser = Browser(client: deployment.client, base: old[0].url)
                let page = try await browser.get(link)
                browser.turn(to: new[0].url)
                #expect(try await browser.press(page).status == 303)
            }
        }
    }

    @Test("Requests for a link, typed at one and sent to the other, are answered with one mail each")
    func linkRequests() async throws {
        let settings = ["MailFirstLink": "0", "LinkWishesPerClientAndHour": "1000"]
        try await withBothReleases(settings) { (deployment, old, new) async throws in
            var tickets: [String] = []
            for index in 0..<8 {
                try await deployment.database.psql(
                    """
                    INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                    VALUES ('c\(index)@example.org', 'c\(index)@example.org', 'acme', 'Anna', 'Example');
                    UPDATE otalink.api_key SET revoked_at = now() WHERE name = 'desk'
                    """)
                let ticket = await deployment.desk.create(
                    .init(title: "Printer", customerLogin: "c\(index)@example.org", customerID: "acme"))
                tickets.append(ticket.number)
            }
            for (index, ticket) in tickets.enumerated() {
                let browser = Browser(client: deployment.client, base: index % 2 == 0 ? old : new)
                let page = try await browser.get("/new-link")
                let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
                browser.turn(to: index % 2 == 0 ? new : old)
                let answer = try await browser.post(
                    "/new-link", form: "form=\(proof)&ticket=\(ticket)&email=c\(index)%40example.org")
                #expect(answer.status == 200, "\(answer.text.prefix(300))")
            }
            try await deployment.until("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'sent'", is: "8")
            let recipients = await deployment.sink.mails().flatMap(\.recipients)
            #expect(recipients.sorted() == (0..<8).map { "c\($0)@example.org" })
        }
    }

    @Test("The page of an old link that offers a fresh one is shown by one and pressed at the other")
    func freshLink() async throws {
        try await withBothReleases(["MailFirstLink": "0"]) { (deployment, old, new) async throws in
            for (round, (opener, presser)) in [(old, new), (new, old)].enumerated() {
                let ticket = try await deployment.annasTicket()
                let older = try await deployment.link(ticket: ticket)
                _ = try await deployment.link(ticket: ticket)
                let browser = Browser(client: deployment.client, base: opener)
                let page = try await browser.press(try await browser.get(older))
                #expect(page.status == 410 && page.text.contains("/fresh"))
                browser.turn(to: presser)
                #expect(try await browser.press(page).status == 200)
                try await deployment.until(
                    "SELECT count(*) FROM otalink.mail_outbox WHERE state = 'sent'", is: "\(round + 1)")
            }
            #expect(await deployment.sink.mailCount() == 2)
        }
    }

    @Test("A mail that either filters becomes a ticket whose first link is mailed once, however many replicas are told")
    func reports() async throws {
        try await withBothReleases { (deployment, old, _) async throws in
            let key = try await deployment.otalink("api-key", "create", "second", "--scope", "desk:events").output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            for (index, program) in [PreviousRelease.program, Deployment.program].enumerated() {
                let mail =
                    "From: P\(index) <p\(index)@example.org>\nTo: support@example.org\nSubject: Printer\n\nIt burns.\n"
                let filtered = try await ChildProcess(
                    program, ["mail", "inbound"], environment: deployment.environment, input: Data(mail.utf8)
                ).finished()
                #expect(filtered.output.contains("X-OTOBO-CustomerUser: p\(index)@example.org"), "\(filtered.errors)")
                // The stand-in desk tells a replica of this release.
                let ticket = await deployment.desk.receive(mail: Array(filtered.output.utf8))
                let body = #"{"Event":"TicketCreate","TicketID":\#(ticket.ticketID)}"#
                let told = try await deployment.client.send(
                    HTTPRequest(
                        method: .post, url: old + "/api/v1/desk/events", headers: [("Authorization", "Bearer \(key)")],
                        body: Array(body.utf8), timeout: .seconds(60)))
                #expect(told.status == 200, "\(told.text)")
                let recipient = "p\(index)@example.org"
                _ = try await deployment.sink.nextMail { $0.recipients == [recipient] }
            }
            try await deployment.eventsAreDone(2)
            try await deployment.until("SELECT count(*) FROM otalink.mail_outbox WHERE state <> 'sent'", is: "0")
            #expect(await deployment.sink.mailCount() == 2)
        }
    }
}
