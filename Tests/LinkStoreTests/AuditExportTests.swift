import Foundation
import LinkStore
import OneTimeLinks
import Synchronization
import TestSupport
import Testing

@Suite("Exporting the audit trail")
struct AuditExportTests {
    private func export(_ store: LinkStore, _ selection: AuditSelection) async throws -> [String] {
        let lines = Mutex<[String]>([])
        let count = try await store.audit.export(selection) { page in lines.withLock { $0 += page } }
        let all = lines.withLock { $0 }
        #expect(all.count == count)
        return all
    }

    @Test("A line is a JSON object with what is known, its time in UTC to the microsecond")
    func line() async throws {
        try await withStore { (store, database) async throws in
            try await database.psql(
                """
                TRUNCATE otalink.audit_event;
                ALTER DATABASE \(database.name) SET TimeZone = 'Europe/Berlin';
                INSERT INTO otalink.audit_event
                       (at, event, link_id, ticket_number, customer_login, client_address, user_agent, request_id)
                VALUES ('2026-11-25T08:00:00.000001Z', 'link.refused', '0198c2f0-0000-7000-8000-000000000001', '18', 'anna',
                        '203.0.113.7', E'a "quoted"\\nagent', 'r-1')
                """)
            let lines = try await export(store, AuditSelection())
            let id = try await database.psql("SELECT id FROM otalink.audit_event")
            #expect(
                lines == [
                    #"{"id":\#(id),"at":"2026-11-25T08:00:00.000001Z","event":"link.refused","#
                        + #""linkID":"0198c2f0-0000-7000-8000-000000000001","ticketNumber":"18","customerLogin":"anna","#
                        + #""clientAddress":"203.0.113.7","userAgent":"a \"quoted\"\nagent","requestID":"r-1"}"#
                ])
        }
    }

    @Test(
        "By time, the end not included, and by name or family",
        arguments: [
            (nil, nil, [], ["link.issued", "link.refused", "session.revoked", "linkXissued"]),
            ("2026-11-02", nil, [], ["link.refused", "session.revoked", "linkXissued"]),
            (nil, "2026-11-03", [], ["link.issued", "link.refused"]),
            ("2026-11-02", "2026-11-03", [], ["link.refused"]),
            (nil, nil, ["link.issued"], ["link.issued"]),
            (nil, nil, ["link.*"], ["link.issued", "link.refused"]),
            (nil, nil, ["session.revoked", "link.refused"], ["link.refused", "session.revoked"]),
            (nil, nil, ["link_issued", "link%"], []),
        ] as [(String?, String?, [String], [String])])
    func selections(since: String?, until: String?, events: [String], wanted: [String]) async throws {
        func date(_ text: String?) throws -> Date? { try text.map { try Date($0 + "T00:00:00Z", strategy: .iso8601) } }
        let selection = AuditSelection(since: try date(since), until: try date(until), events: events)
        try await withStore { (store, database) async throws in
            try await database.psql(
                """
                TRUNCATE otalink.audit_event;
                INSERT INTO otalink.audit_event (at, event)
                VALUES ('2026-11-03T00:00Z', 'session.revoked'), ('2026-11-01T00:00Z', 'link.issued'),
                       ('2026-11-02T00:00Z', 'link.refused'), ('2026-11-03T00:00Z', 'linkXissued')
                """)
            let names = try await export(store, selection).compactMap { $0.firstMatch(of: /"event":"([^"]+)"/)?.1 }
            #expect(names.map(String.init) == wanted)
        }
    }

    @Test("Many events come in pages, and each is as of the beginning")
    func pages() async throws {
        try await withStore { (store, database) async throws in
            try await database.psql(
                "TRUNCATE otalink.audit_event; INSERT INTO otalink.audit_event (event) SELECT 'e' FROM generate_series(1, 2500)"
            )
            let pages = Mutex<[Int]>([])
            let count = try await store.audit.export(AuditSelection()) { page in
                try await database.psql("INSERT INTO otalink.audit_event (event) VALUES ('late')")
                pages.withLock { $0.append(page.count) }
            }
            #expect(count == 2500 && pages.withLock { $0 } == [1000, 1000, 500])
            // The statements are prepared once and used again.
            #expect(try await export(store, AuditSelection(events: ["late"])).count == 3)
        }
    }
}
