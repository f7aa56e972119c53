import Foundation
import LinkStore
import OneTimeLinks
import OpenIDStore
import PostgresClient
import TestSupport
import Testing

@Suite("What customer users are called towards clients")
struct SubjectTests {
    @Test("Fifty at once make one subject, and no two people share one")
    func race() async throws {
        try await withStore { (store, _) async throws in
            let made = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.subjects.facts(login: "anna@example.org", link: nil).subject
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(made.count == 1)
            #expect(try await store.subjects.find(login: "anna@example.org") == made.first)
            #expect(try await store.subjects.find(login: "bert@example.org") == nil)
            let other = try await store.subjects.facts(login: "Anna@example.org", link: nil).subject
            #expect(!made.contains(other))
        }
    }

    @Test("It never changes, and goes with the person when the desk changes the login")
    func kept() async throws {
        try await withStore { (store, database) async throws in
            let subject = try await store.subjects.facts(login: "anna@example.org", link: nil).subject
            await #expect(throws: (any Error).self) {
                try await database.psql("UPDATE otalink.oidc_subject SET subject = 'x'")
            }
            // As the desk does it, with its own role, which sees none of this.
            try await database.psql(
                """
                SET ROLE otalink_desk;
                UPDATE otalink.own_customer_user SET login = 'anna.example' WHERE login = 'anna@example.org'
                """)
            #expect(try await store.subjects.find(login: "anna.example") == subject)
            // Whoever gets the old login is somebody else.
            #expect(try await store.subjects.find(login: "anna@example.org") == nil)
        }
    }

    @Test(
        "The roles of other programs see neither clients nor codes nor keys nor subjects",
        arguments: [
            "otalink_desk", "otalink_mail",
        ])
    func roles(role: String) async throws {
        try await withStore { (_, database) async throws in
            for table in ["oidc_client", "oidc_code", "oidc_signing_key", "oidc_subject"] {
                let rights = try await database.psql(
                    "SELECT has_table_privilege('\(role)', 'otalink.\(table)', 'SELECT, INSERT, UPDATE, DELETE')")
                #expect(rights == "f")
            }
        }
    }
}
