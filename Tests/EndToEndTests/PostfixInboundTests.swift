import CurlClient
import Foundation
import TestSupport
import Testing

@Suite("Postfix before the inbound filter", .timeLimit(.minutes(10)))
struct PostfixInboundTests {
    @Test(
        "Every mail arrives exactly once, although the database goes away in between",
        .enabled(if: PostfixServer.isHere, "needs root and Debian's postfix"))
    func exactlyOnce() async throws {
        // A server of the test's own, which it may stop.
        let cluster = try await PostgresCluster(settings: [])
        try await cluster.migratedDatabase(migrations: RepositoryRoot.path + "/migrations") { (database) async throws in
            try await database.psql(
                "INSERT INTO otalink.setting (name, value) VALUES ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}'), ('CustomerBackends', 'otalink')"
            )
            let mailbox = try await Mailbox(database: database.url)
            let postfix = try await PostfixServer(aliases: ["support": "\(mailbox.command) \\\"$SENDER\\\""])
            let client = CurlClient(logger: .quiet)
            let server = try MailServer(url: "smtp://127.0.0.1:\(postfix.port)")
            let result = await Result(catching: {
                func send(_ numbers: Range<Int>, isBounce: Bool = false) async throws {
                    for number in numbers {
                        let text =
                            "From: Customer \(number) <c\(number)@example.net>\nTo: support@example.org\n"
                            + "Subject: mail \(number)\nX-OTOBO-Queue: Junk\n\nbody \(number)\n"
                        _ = try await client.submit(
                            MailSubmission(
                                envelopeFrom: isBounce ? "" : "c\(number)@example.net",
                                recipients: ["support@example.org"],
                                message: Array(text.utf8)),
                            to: server)
                    }
                }
                try await send(0..<5)
                try await send(10..<11, isBounce: true)
                try await until { try mailbox.subjects().count == 6 }
                try await cluster.stop()
                try await send(5..<10)
                // At least one delivery has failed and was put off.
                try await until { try await postfix.queue().contains("otalink") }
                #expect(try mailbox.subjects().count == 6)
                // The desk's reader as it is while the desk's database is away.
                try mailbox.refuse(true)
                try await cluster.restart()
                try await until { try await postfix.queue().contains("ended with 1") }
                try mailbox.refuse(false)
                try await until { try await postfix.queue().isEmpty }
            })
            let subjects = try mailbox.subjects()
            await client.close()
            try await postfix.stop()
            try result.get()
            #expect(subjects.sorted() == (0..<11).map { "mail \($0)" }.sorted())
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "10")
            let mails = try mailbox.mails()
            #expect(mails.allSatisfy { !$0.contains("Junk") })
            #expect(mails.count { $0.contains("X-OTOBO-CustomerUser: c") } == 10)
            let passed = try await database.psql("SELECT reason FROM otalink.audit_event WHERE event = 'mail.passed'")
            #expect(passed == "robot-empty-envelope-sender")
            try mailbox.remove()
        }
    }

    /// Bounded by the time limit of the suite.
    private func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await giveWay() }
    }
}

/// Where the command behind the filter puts the mails, one file each. Postfix runs commands as nobody.
private struct Mailbox {
    let directory: String
    let command: String

    init(database url: String) async throws {
        directory = "/tmp/otalink-mailbox-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory + "/new", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
        chmod(directory + "/new", 0o777)
        // The build may lie where nobody cannot look.
        try await ScriptFile.copy(Deployment.program, to: directory + "/otalink")
        command = directory + "/inbound"
        let script = """
            #!/bin/sh
            OTALINK_DATABASE_URL='\(url)' exec \(directory)/otalink mail inbound --envelope-sender "$1" --then 'test ! -e \(directory)/refuse || exit 1; f=$(mktemp \(directory)/new/.XXXXXX) && cat >"$f" && mv "$f" "\(directory)/new/${f##*/.}"'

            """
        try await ScriptFile.write(script, to: command)
    }

    /// Whether the command behind the filter ends with 1, as the desk's reader does without its database.
    func refuse(_ isOn: Bool) throws {
        let file = directory + "/refuse"
        if isOn {
            try Data().write(to: URL(fileURLWithPath: file))
        } else {
            try FileManager.default.removeItem(atPath: file)
        }
    }

    func mails() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory + "/new").filter { !$0.hasPrefix(".") }
            .map { try String(contentsOfFile: "\(directory)/new/\($0)", encoding: .utf8) }
    }

    func subjects() throws -> [String] {
        try mails().compactMap { $0.firstMatch(of: /Subject: (mail [0-9]+)/).map { String($0.1) } }
    }

    func remove() throws {
        try FileManager.default.removeItem(atPath: directory)
    }
}
