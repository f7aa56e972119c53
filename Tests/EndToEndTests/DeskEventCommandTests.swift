import Foundation
import LinkStore
import TestSupport
import Testing

@testable import otalink

@Suite("otalink desk events and retry, and what doctor says of events", .timeLimit(.minutes(10)))
struct DeskEventCommandTests {
    private func run(_ database: TestDatabase, _ words: String...) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, words, environment: ["OTALINK_DATABASE_URL": database.url]
        ).finished()
    }

    @Test("What was given up is listed, named by doctor, and due again when it is retried")
    func dead() async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { (database) async throws in
            #expect(
                try await run(database, "doctor").output.contains("events of the desk  none came within the last week"))
            try await database.psql(
                """
                INSERT INTO otalink.desk_event (id, ticket_id, event, state, attempts, finished_at, last_error)
                VALUES ('0198c2f0-0000-7000-8000-000000000017', 17, 'TicketCreate', 'dead', 400, now(), 'no answer');
                INSERT INTO otalink.audit_event (event, reason, client_address)
                VALUES ('desk_event.refused', 'no-valid-key', '192.0.2.9');
                """)
            let doctor = try await run(database, "doctor")
            let rows = doctor.output.split(separator: "\n").filter { $0.contains("events of the desk") }
            #expect(rows.count == 2 && doctor.status == 1, "\(doctor.output)")
            // What came and what was refused is one row.
            #expect(
                rows.contains {
                    $0.hasPrefix("failed") && $0.contains("the last one came 20")
                        && $0.contains("from 192.0.2.9: no-valid-key. Put the key of")
                })
            #expect(
                rows.contains {
                    $0.hasPrefix("failed") && $0.contains("TicketCreate of the ticket with the id 17: no answer")
                })
            let listed = try await run(database, "desk", "events")
            #expect(listed.output.contains("dead  TicketCreate  17  -  400 attempts  no answer\n"))
            #expect(try await run(database, "desk", "retry", "--all-dead").output == "1 due now.\n")
            #expect(try await database.psql("SELECT state, attempts FROM otalink.desk_event") == "queued|0")
            let told = try await database.psql(
                "SELECT actor LIKE 'operator %', reason FROM otalink.audit_event WHERE event = 'desk_event.retried'")
            #expect(told == "t|TicketCreate of the ticket with the id 17")
            for words in [["retry"], ["retry", "x"], ["retry", UUID().uuidString], ["events", "--state", "lost"]] {
                let refused = try await ChildProcess(
                    Deployment.program, ["desk"] + words, environment: ["OTALINK_DATABASE_URL": database.url]
                ).finished()
                #expect(refused.status != 0 && !refused.errors.isEmpty, "\(words)")
            }
        }
    }

    private static func standing(_ body: (inout DeskEventStanding) -> Void) -> DeskEventStanding {
        var standing = DeskEventStanding(
            lastReport: Date(timeIntervalSince1970: 100), waiting: 0, oldestWait: 0, dead: 0, lastDead: nil,
            lastRefusal: nil)
        body(&standing)
        return standing
    }

    private static func refusal(at seconds: Double) -> LastRefusal {
        LastRefusal(at: Date(timeIntervalSince1970: seconds), reason: nil, clientAddress: nil)
    }

    @Test(
        "A refusal counts until an event was taken; what waits counts after a quarter of an hour",
        arguments: [
            (standing { _ in }, [.good]), (standing { $0.lastReport = nil }, [.untried]),
            (standing { $0.lastRefusal = refusal(at: 99) }, [.good]),
            (standing { $0.lastRefusal = refusal(at: 101) }, [.failed]),
            (standing { ($0.lastReport, $0.lastRefusal) = (nil, refusal(at: 102)) }, [.failed]),
            (standing { ($0.waiting, $0.oldestWait) = (9, 800) }, [.good]),
            (standing { ($0.waiting, $0.oldestWait) = (9, 1000) }, [.good, .doubtful]),
            (standing { $0.dead = 2 }, [.good, .failed]),
        ] as [(DeskEventStanding, [Finding.Verdict])])
    func advice(standing: DeskEventStanding, verdicts: [Finding.Verdict]) {
        #expect(DeskEventAdvice.findings(standing, subject: "events").map(\.verdict) == verdicts)
    }
}
