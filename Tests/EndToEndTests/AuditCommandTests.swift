import Foundation
import TestSupport
import Testing

@Suite("otalink audit", .timeLimit(.minutes(10)))
struct AuditCommandTests {
    private func withDatabase(_ body: @escaping @Sendable (TestDatabase) async throws -> Void) async throws {
        try await PostgresCluster.shared().migratedDatabase(body)
    }

    private func run(_ arguments: [String], _ database: TestDatabase) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, ["audit"] + arguments, environment: ["OTALINK_DATABASE_URL": database.url]
        ).finished()
    }

    @Test("Export takes a day, a time or an age, and says what is wrong with anything else")
    func moments() async throws {
        try await withDatabase { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (at, event)
                VALUES ('2026-01-01T00:00Z', 'first'), ('2026-01-01T12:00Z', 'second'), (now() - interval '2 hours', 'third')
                """)
            for (arguments, names) in [
                ([], ["first", "second", "third"]), (["--since", "2026-01-01"], ["first", "second", "third"]),
                (["--since", "2026-01-01T12:00:00Z"], ["second", "third"]), (["--since", "3h"], ["third"]),
                (["--since", "120d", "--until", "90m", "--event", "th*"], ["third"]), (["--since", "60m"], []),
                (["--since", "2026-01-01T10:00:00+01:00", "--until", "2026-01-02"], ["second"]),
            ] as [([String], [String])] {
                let exported = try await run(["export"] + arguments, database)
                #expect(exported.status == 0 && exported.errors == "", "\(exported.errors)")
                let events = exported.output.matches(of: /"event":"([a-z]+)"/).map { String($0.1) }
                #expect(events == names, "\(arguments)")
            }
            for arguments in [["--since", "yesterday"], ["--until", "5w"], ["--since", "1h", "--until", "2h"]] {
                let refused = try await run(["export"] + arguments, database)
                #expect(refused.status == 64 && refused.output == "" && !refused.errors.isEmpty)
            }
        }
    }

    @Test("A hundred times as many events need no more memory")
    func memory() async throws {
        try await withDatabase { (database) async throws in
            func peak() async throws -> Int {
                // In kilobytes, as the kernel counts them.
                let script = """
                    import resource, subprocess, sys
                    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
                    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
                    """
                let finished = try await ChildProcess.run(
                    "python3", ["-c", script, Deployment.program, "audit", "export"],
                    environment: ["OTALINK_DATABASE_URL": database.url])
                return try #require(Int(finished.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            }
            func add(_ count: Int) async throws {
                try await database.psql(
                    "INSERT INTO otalink.audit_event (event, reason) SELECT 'e', repeat('x', 200) FROM generate_series(1, \(count))"
                )
            }
            try await add(2_000)
            let few = try await peak()
            try await add(198_000)
            let many = try await peak()
            print("audit export of 2,000 events: \(few) kB at the most; of 200,000: \(many) kB")
            // All of it would be fifty megabytes.
            #expect(many < few + 15_000)
        }
    }

    @Test("An export goes on although a thousand lines take longer than a page may")
    func slow() async throws {
        try await withDatabase { (database) async throws in
            // Four lines of five seconds each, which the server answers together.
            try await database.psql(
                """
                TRUNCATE otalink.audit_event;
                INSERT INTO otalink.audit_event (event) SELECT 'e' FROM generate_series(1, 4);
                CREATE SCHEMA slow;
                CREATE FUNCTION slow.to_char(timestamp, text) RETURNS text LANGUAGE sql VOLATILE
                    AS 'SELECT pg_catalog.to_char($1, $2) FROM pg_sleep(5)';
                ALTER DATABASE \(database.name) SET search_path = slow, pg_catalog;
                """)
            let start = ContinuousClock.now
            let exported = try await run(["export"], database)
            #expect(exported.status == 0 && exported.errors == "", "\(exported.errors)")
            #expect(exported.output.split(separator: "\n").count == 4 && ContinuousClock.now - start > .seconds(16))
        }
    }

    @Test("Trim deletes what is too old, once it has said what that is")
    func trim() async throws {
        try await withDatabase { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (event, at) VALUES ('old', now() - interval '40 days'), ('new', now());
                INSERT INTO otalink.setting (name, value) VALUES ('AuditTrailDays', '30');
                """)
            #expect(
                try await run(["trim", "--dry-run"], database).output
                    == "1 events and 0 finished mails are older than 30 days.\n")
            #expect(try await database.psql("SELECT count(*) FROM otalink.audit_event") == "2")
            #expect(
                try await run(["trim"], database).output == "1 events and 0 finished mails older than 30 days deleted\n"
            )
            #expect(try await database.psql("SELECT string_agg(event, ',') FROM otalink.audit_event") == "new")
            try await database.psql("UPDATE otalink.setting SET value = '0'")
            #expect(try await run(["trim", "--dry-run"], database).output.contains("for ever"))
        }
    }

    @Test("What operators change is told with their names: settings by name, keys with their scopes, and no secret")
    func operators() async throws {
        try await withDatabase { (database) async throws in
            for words in [
                "setting set LinkLifetime 7", "setting reset LinkLifetime", "setting reset LinkLifetime",
                "api-key create crm --scope links:revoke --scope links:issue", "api-key revoke crm",
                "api-key revoke crm",
            ] {
                try await ChildProcess.run(
                    Deployment.program, words.split(separator: " ").map(String.init),
                    environment: ["OTALINK_DATABASE_URL": database.url, "SUDO_USER": "anna"])
            }
            let told = try await database.psql(
                "SELECT event, reason FROM otalink.audit_event WHERE actor = 'operator anna' ORDER BY id")
            #expect(
                told == """
                    setting.changed|LinkLifetime
                    setting.reset|LinkLifetime
                    api_key.created|crm: links:issue, links:revoke
                    api_key.revoked|crm
                    """)
        }
    }

    @Test("A request of a proxy has one id in the JSON log, in the audit trail and in the answer")
    func requestID() async throws {
        let environment = ["OTALINK_LOG_FORMAT": "json", "OTALINK_TRUSTED_PROXIES": "127.0.0.1"]
        try await withDeployment(environment: environment) { (deployment) async throws in
            let link = try await deployment.link(ticket: try await deployment.annasTicket())
            let browser = deployment.browser()
            let answer = try await browser.press(
                try await browser.get(link),
                headers: [("X-Request-Id", "edge-2f:7"), ("X-Forwarded-For", "203.0.113.9")])
            #expect(answer.status == 303 && answer.header("X-Request-Id") == "edge-2f:7")
            let exported = try await deployment.otalink("audit", "export", "--event", "link.redeemed").output
            #expect(
                exported.contains(#""clientAddress":"203.0.113.9""#) && exported.contains(#""requestID":"edge-2f:7""#))
            deployment.replicas[0].process.terminate()
            let lines = await deployment.replicas[0].process.finished().errors.split(separator: "\n")
            let clicked = try #require(lines.first { $0.contains("A link was clicked") })
            let line = try JSONDecoder().decode([String: String].self, from: Data(clicked.utf8))
            #expect(line["hb.request.id"] == "edge-2f:7" && line["answer"] == "signed-in")
        }
    }

    @Test("Two replicas write down who opened a link, and what waits when one ends")
    func visits() async throws {
        try await withDeployment { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let link = try await deployment.link(ticket: ticket)
            for replica in 0..<2 {
                _ = try await deployment.browser(on: replica).get(link)
                _ = try await deployment.browser(on: replica).get(link, method: .head)
            }
            for replica in deployment.replicas {
                replica.process.terminate()
                _ = await replica.process.finished()
            }
            let exported = try await deployment.otalink("audit", "export", "--event", "link.scanned").output
            #expect(exported.split(separator: "\n").count == 4)
            #expect(
                exported.contains("\"reason\":\"head\"") && exported.contains("\"ticketNumber\":\"\(ticket)\""))
        }
    }
}
