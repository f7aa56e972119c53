import Foundation
import LinkStore
import TestSupport
import Testing

@testable import otalink

@Suite("What is said of a key that the service refuses", .timeLimit(.minutes(10)))
struct KeyRefusalTests {
    private static func refusal(_ reason: String?) -> LastRefusal {
        LastRefusal(at: Date(timeIntervalSince1970: 0), reason: reason, clientAddress: "192.0.2.9")
    }

    @Test(
        "Each reason has what to do about it",
        arguments: [
            ("no-valid-key", "'otalink api-key create desk --scope desk:events' into the web service"),
            ("too-many-wrong-keys", "'otalink api-key create desk --scope desk:events' into the web service"),
            (
                "missing-scope",
                "lacks the scope desk:events. Put that of 'otalink api-key create desk --scope desk:events'"
            ),
            (
                "foreign-network",
                "If the program runs at 192.0.2.9, put the key of 'otalink api-key create desk --scope desk:events --from 192.0.2.9'"
            ),
            ("foreign-network", "If 192.0.2.9 is a load balancer of yours, name it in OTALINK_TRUSTED_PROXIES."),
            ("too-many-calls", "APICallsPerMinute"),
            ("outside-base-url", "lacks the path of OTALINK_BASE_URL. Import the web service again"),
        ])
    func remedies(reason: String, told: String) {
        let remedy = KeyRefusalAdvice.remedy(Self.refusal(reason), for: .desk)
        #expect(remedy.contains(told) && remedy.hasSuffix("."), "\(remedy)")
    }

    @Test(
        "The mail host is told what to do, and never the raw answer",
        arguments: [
            (401, #"{"detail":"An API key is needed"}"#, "does not know the key in OTALINK_API_KEY"),
            (403, #"{"code":"foreign-network","detail":"x"}"#, "does not take the key from this host's address"),
            (403, #"{"detail":"This API key lacks the scope mail:outbound."}"#, "has not the scope mail:outbound"),
            (404, "<!doctype html><title>Not found</title>", "There is no otalink at https://tickets.example.org"),
            (429, #"{"code":"too-many-calls","detail":"Wait 7 seconds."}"#, "answered 429: Wait 7 seconds."),
            (502, "Bad gateway", "answered 502: Bad gateway"),
        ])
    func mailHost(status: Int, body: String, told: String) {
        let text = OutboundRefusal.explanation(
            status: status, body: Array(body.utf8), service: "https://tickets.example.org")
        #expect(text.contains(told) && !text.contains("{") && !text.contains("<"), "\(text)")
    }

    @Test("Doctor has a row for the key of mail outbound while it is refused, until a key of the scope was taken")
    func outgoingMail() async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { (database) async throws in
            func row() async throws -> String? {
                try await ChildProcess(
                    Deployment.program, ["doctor"], environment: ["OTALINK_DATABASE_URL": database.url]
                ).finished().output.split(separator: "\n").map(String.init).first { $0.contains("  outgoing mail ") }
            }
            #expect(try await row() == nil)
            // Keys of other scopes and revoked ones say nothing.
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (at, event, reason, client_address)
                VALUES (now() - interval '1 minute', 'mail_outbound.refused', 'missing-scope', '192.0.2.9');
                INSERT INTO otalink.api_key (id, name, key_hash, scopes, last_used_at, revoked_at)
                VALUES (gen_random_uuid(), 'other', '\\x01', '{links:issue}', now(), NULL),
                       (gen_random_uuid(), 'old', '\\x02', '{mail:outbound}', now(), now()),
                       (gen_random_uuid(), 'new', '\\x03', '{mail:outbound}', NULL, NULL);
                """)
            let refused = try #require(try await row())
            #expect(refused.hasPrefix("failed") && refused.contains("from 192.0.2.9: missing-scope. The key lacks"))
            #expect(refused.contains("otalink api-key create desk-mail --scope mail:outbound"))
            try await database.psql("UPDATE otalink.api_key SET last_used_at = now() WHERE name = 'new'")
            #expect(try await row()?.hasPrefix("good") == true)
            // A key from a foreign network is noted as used with each refusal.
            try await database.psql("UPDATE otalink.audit_event SET reason = 'foreign-network'")
            #expect(try await row()?.hasPrefix("failed") == true)
            try await database.psql("UPDATE otalink.audit_event SET at = now() - interval '8 days'")
            #expect(try await row() == nil)
        }
    }
}
