import OneTimeLinks
import PostgresClient
import TestSupport
import Testing

@testable import LinkStore

@Suite("Copies of customer users of other backends")
struct CustomerCopyTests {
    private func customer(
        _ login: String, email: String? = nil, isValid: Bool = true, hasPassword: Bool = false
    ) -> CustomerUser {
        CustomerUser(
            login: login, email: email ?? "\(login)@example.net", customerID: "ACME", firstName: "F", lastName: "L",
            isValid: isValid, hasPassword: hasPassword, backend: "LDAP")
    }

    private func replace(
        _ store: LinkStore, _ customers: [CustomerUser], mayShrink: Bool = false
    ) async throws -> CopyReport {
        try await store.customerCopies.replace(
            backend: "LDAP", with: customers, skipped: 0, mayShrink: mayShrink, actor: "test")
    }

    @Test("A copy brings in, changes and switches off, and says how many; the second time it changes nothing")
    func replacing() async throws {
        try await withStore { (store, database) async throws in
            let first = [customer("a"), customer("b", hasPassword: true), customer("c", isValid: false)]
            let added = try await replace(store, first)
            #expect(added == CopyReport(accounts: 3, added: 3, changed: 0, switchedOff: 0, taken: 0))
            #expect(try await store.customerUsers.find(login: "b") == first[1])
            #expect(try await store.customerUsers.find(email: "A@example.net") == [first[0]])
            let again = try await replace(store, first)
            #expect(again == CopyReport(accounts: 3, added: 0, changed: 0, switchedOff: 0, taken: 0))
            let changed = try await replace(store, [customer("a", email: "new@example.net"), customer("d")])
            #expect(changed == CopyReport(accounts: 2, added: 1, changed: 1, switchedOff: 1, taken: 0))
            #expect(try await store.customerUsers.find(login: "b")?.isValid == false)
            #expect(try await store.customerCopies.backends().map(\.name) == ["LDAP"])
            let told = try await database.psql(
                "SELECT count(*) FROM otalink.audit_event WHERE event = 'customers.copied'")
            #expect(told == "3")
        }
    }

    @Test("A time typed into the table of backends is no trouble for those who ask which there are")
    func endlessTime() async throws {
        try await withStore { (store, database) async throws in
            _ = try await replace(store, [customer("a")])
            try await database.psql("UPDATE otalink.customer_backend SET synced_at = 'infinity'")
            #expect(try await store.customerCopies.backends().map(\.name) == ["LDAP"])
        }
    }

    @Test("Copies of accounts whose rows were left out stay as they are")
    func untouched() async throws {
        try await withStore { (store, database) async throws in
            _ = try await replace(store, [customer("a"), customer("b"), customer("c")])
            let report = try await store.customerCopies.replace(
                backend: "LDAP", with: [customer("a")], skipped: 1, untouched: ["b", "x"], mayShrink: true,
                actor: "test")
            #expect(report.switchedOff == 1)
            let valid =
                "SELECT string_agg(login, ',' ORDER BY login) FROM otalink.customer_user WHERE backend = 'LDAP' AND valid_id = 1"
            #expect(try await database.psql(valid) == "a,b")
        }
    }

    @Test("Logins of our own table and of other backends stay as they are")
    func taken() async throws {
        try await withStore { (store, _) async throws in
            let report = try await replace(
                store, [customer("anna@example.org", email: "x@example.net"), customer("a")])
            #expect(report == CopyReport(accounts: 2, added: 1, changed: 0, switchedOff: 0, taken: 1))
            #expect(try await store.customerUsers.find(login: "anna@example.org")?.email == "anna@example.org")
            try await store.customerCopies.keep(customer("anna@example.org", email: "x@example.net"))
            #expect(try await store.customerUsers.find(login: "anna@example.org")?.backend == "")
        }
    }

    @Test("A list that lacks more than a tenth is refused and changes nothing, unless it is said to be right")
    func shrinking() async throws {
        try await withStore { (store, database) async throws in
            let all = (0..<100).map { customer("c\($0)") }
            _ = try await replace(store, all)
            await #expect(throws: CopyRefusal.wouldShrink(switchedOff: 11, of: 100)) {
                try await replace(store, Array(all.dropFirst(11)) + [customer("new")])
            }
            #expect(
                try await database.psql(
                    "SELECT count(*) FROM otalink.customer_user WHERE backend = 'LDAP' AND valid_id = 1") == "100")
            #expect(try await replace(store, Array(all.dropFirst(10))).switchedOff == 10)
            #expect(try await replace(store, [], mayShrink: true).switchedOff == 90)
        }
    }

    @Test(
        "Of a small backend one may be missing; two, when they are more than a tenth, and an empty list are refused",
        arguments: [(30, 20, 10), (8, 6, 2), (19, 17, 2)])
    func shrinkingSmall(known: Int, listed: Int, missing: Int) async throws {
        try await withStore { (store, database) async throws in
            // Also before anybody is known: who is in the list that did not come could be created a second time.
            await #expect(throws: CopyRefusal.empty) { try await replace(store, []) }
            #expect(try await store.customerCopies.backends().isEmpty)
            let all = (0..<known).map { customer("c\($0)") }
            #expect(try await replace(store, all).description.hasPrefix("\(known) accounts:"))
            await #expect(throws: CopyRefusal.empty) { try await replace(store, []) }
            await #expect(throws: CopyRefusal.wouldShrink(switchedOff: missing, of: known)) {
                try await replace(store, Array(all.prefix(listed)))
            }
            #expect(
                try await database.psql(
                    "SELECT count(*) FROM otalink.customer_user WHERE backend = 'LDAP' AND valid_id = 1") == "\(known)")
            #expect(try await replace(store, Array(all.dropLast())).switchedOff == 1)
            #expect(try await replace(store, [all[0]], mayShrink: true).description.hasPrefix("1 account: "))
            #expect(try await replace(store, [], mayShrink: true).switchedOff == 1)
        }
    }

    @Test("The desk sees our own accounts alone, can write them, and cannot write copies")
    func view() async throws {
        try await withStore { (store, database) async throws in
            _ = try await replace(store, [customer("a")])
            #expect(try await database.psql("SELECT login FROM otalink.own_customer_user") == "anna@example.org")
            try await database.psql(
                """
                UPDATE otalink.own_customer_user SET pw = 'hash' WHERE login = 'anna@example.org';
                INSERT INTO otalink.own_customer_user (login, email, customer_id, first_name, last_name, valid_id, create_by, change_by)
                VALUES ('made-there', 'm@example.org', 'm', 'M', 'M', 1, 2, 2);
                UPDATE otalink.own_customer_user SET pw = 'stolen' WHERE login = 'a'
                """)
            #expect(try await store.customerUsers.find(login: "anna@example.org")?.hasPassword == true)
            #expect(try await store.customerUsers.find(login: "made-there")?.backend == "")
            #expect(try await store.customerUsers.find(login: "a")?.hasPassword == false)
        }
    }
}
