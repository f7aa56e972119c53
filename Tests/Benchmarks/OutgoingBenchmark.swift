import CurlClient
import Foundation
import Logging
import OneTimeLinks
import TestSupport

/// Our own mails out of the outbox, and the filter for the desk's mails as a desk calls it: a process for each mail.
struct OutgoingBenchmark {
    let database: TestDatabase
    let directory: URL

    private let queued = 5_000
    private let filtered = 500
    private let atOnce = 8

    func run() async throws {
        let mailPort = try FreePort.find()
        let sink = try ChildProcess(ServiceUnderTest.program("otalink-bench"), ["sink", "\(mailPort)"])
        defer { sink.kill() }
        guard await sink.writes("ready") else { throw Unready(output: await sink.finished().errors) }
        let service = try await ServiceUnderTest.start(database: database, mailPort: mailPort)
        defer { service.process.kill() }
        try await seed()
        let known = try await submissions(to: mailPort)
        let sent = try await outbox(keyID: try KeyRing(text: service.secret).signingKeyID)
        print("(j) the same mails, 4 at a time, without a database: \(Int(known)) mails/s")
        print(
            "(k) outbox, \(queued) mails to as many people: \(Int(sent)) mails/s, ratio \(String(format: "%.2f", sent / known))"
        )
        try await filter(service)
    }

    /// What the mail server and libcurl do alone.
    private func submissions(to port: UInt16) async throws -> Double {
        let client = CurlClient(logger: .quiet)
        let server = try MailServer(url: "smtp://127.0.0.1:\(port)")
        // As long as one of ours.
        let message =
            Array(("Subject: s\r\n\r\n" + String(repeating: "x", count: 70) + "\r\n").utf8)
            + Array(repeatElement(Array((String(repeating: "x", count: 70) + "\r\n").utf8), count: 40).joined())
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for number in 0..<queued / 4 {
                        let submission = MailSubmission(
                            envelopeFrom: "support@example.org", recipients: ["c\(lane)-\(number)@example.org"],
                            message: message)
                        _ = try await client.submit(submission, to: server)
                    }
                }
            }
            try await group.waitForAll()
        }
        let rate = Double(queued) / (ContinuousClock.now - start).seconds
        await client.close()
        return rate
    }

    /// Everything is queued at once; counted is the time until all of it is marked as sent.
    private func outbox(keyID: String) async throws -> Double {
        let start = ContinuousClock.now
        try await database.psql(
            """
            WITH offered AS (
                INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
                SELECT gen_random_uuid(), 'T' || n, 'c' || n || '@example.org', 'c' || n || '@example.org',
                       '\(keyID)', 'offered', 'refresh'
                  FROM generate_series(1, \(queued)) n
                RETURNING id, ticket_number, customer_login, recipient
            )
            INSERT INTO otalink.mail_outbox (id, kind, link_id, ticket_number, customer_login, recipient, language)
            SELECT gen_random_uuid(), 'refresh', id, ticket_number, customer_login, recipient, 'en' FROM offered
            """)
        while try await database.psql("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'queued'") != "0" {
            try await Task.sleep(for: .milliseconds(50))
        }
        let rate = Double(queued) / (ContinuousClock.now - start).seconds
        let sent = try await database.psql("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'sent'")
        guard sent == "\(queued)" else { throw Unready(output: "\(sent) of \(queued) mails were sent") }
        return rate
    }

    private func filter(_ service: ServiceUnderTest) async throws {
        for number in 1...filtered {
            let mail = """
                From: Help Desk <support@example.org>
                To: c\(number)@example.org
                Subject: [Ticket#1] Your printer
                Message-ID: <\(number)@example.org>

                See your ticket:

                """
            let tag = "<otalink:ticket=T\(number);customer=c\(number)@example.org>\n"
            try mail.write(to: directory.appending(path: "plain-\(number)"), atomically: false, encoding: .utf8)
            try (mail + tag).write(
                to: directory.appending(path: "tagged-\(number)"), atomically: false, encoding: .utf8)
        }
        let sendmail = directory.appending(path: "sendmail").path
        try await ScriptFile.write("#!/bin/sh\ncat >/dev/null\n", to: sendmail)
        let environment = [
            "OTALINK_SERVICE_URL": service.url, "OTALINK_API_KEY": "ota_bench", "OTALINK_SENDMAIL": sendmail,
        ]
        let outbound = ServiceUnderTest.program("otalink") + " mail outbound -i"
        let known = try await rate(of: sendmail, on: "plain", environment)
        let untouched = try await rate(of: outbound, on: "plain", environment)
        let linked = try await rate(of: outbound, on: "tagged", environment)
        print("(l) sendmail, a process a mail, \(atOnce) at a time: \(Int(known)) mails/s")
        print(
            "(m) mail outbound before it, no tag: \(Int(untouched)) mails/s, ratio \(String(format: "%.2f", untouched / known))"
        )
        let links = try await database.psql("SELECT count(*) FROM otalink.link WHERE origin = 'notification'")
        print(
            "(n) mail outbound before it, a link each: \(Int(linked)) mails/s, ratio \(String(format: "%.2f", linked / known)), \(links) links"
        )
    }

    /// Mails a second, each through a shell with its file on standard input.
    private func rate(of command: String, on mails: String, _ environment: [String: String]) async throws -> Double {
        let one = "\(command) cN@example.org <\(directory.path)/\(mails)-N"
        let start = ContinuousClock.now
        try await ChildProcess.run(
            "sh", ["-c", "seq 1 \(filtered) | xargs -P \(atOnce) -I N sh -c '\(one)'"], environment: environment)
        return Double(filtered) / (ContinuousClock.now - start).seconds
    }

    private func seed() async throws {
        try await database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            SELECT 'c' || n || '@example.org', 'c' || n || '@example.org', 'bench', 'C', 'Example'
              FROM generate_series(1, \(queued)) n;
            INSERT INTO otalink.ticket (ticket_number, ticket_id, title, state, state_type, customer_login, is_visible, read_at)
            SELECT 'T' || n, n, 'Bench', 'open', 'open', 'c' || n || '@example.org', true, now() + interval '1 day'
              FROM generate_series(1, \(queued)) n;
            INSERT INTO otalink.setting (name, value) VALUES ('APICallsPerMinute', '0');
            INSERT INTO otalink.api_key (id, name, key_hash, scopes)
            VALUES (gen_random_uuid(), 'bench', sha256('ota_bench'), '{mail:outbound}');
            ANALYZE;
            """)
    }
}
