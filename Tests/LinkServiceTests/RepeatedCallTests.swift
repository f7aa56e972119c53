import Crypto
import CurlClient
import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Calls for a link that are repeated")
struct RepeatedCallTests {
    private static func name(_ text: String) -> [(name: String, value: String)] { [("Idempotency-Key", text)] }

    /// Two replicas over one database, and a program that may call both.
    private func withTwo(
        _ body: @escaping @Sendable ([APICaller], Replica, TestDatabase) async throws -> Void
    ) async throws {
        try await withReplicas { replicas, desk, database in
            try await serving(dependencies(replicas[0], desk)) { first in
                try await serving(dependencies(replicas[1], desk)) { second in
                    let caller = try await replicas[0].caller(first)
                    try await body([caller, APICaller(service: second, key: caller.key)], replicas[0], database)
                }
            }
        }
    }

    @Test("The same name and body get the same answer, byte for byte, from every replica; one link is made")
    func repeated() async throws {
        try await withTwo { callers, replica, database in
            let answers = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                for index in 0..<8 { group.addTask { try await callers[index % 2].issue(Self.name("k")) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let first = try #require(answers.first { $0.status == 201 })
            #expect(answers.allSatisfy { $0.status == 409 || ($0.status == 201 && $0.body == first.body) })
            #expect(answers.filter { $0.status == 409 }.allSatisfy { $0.header("Retry-After") == "1" })
            for caller in callers {
                let again = try await caller.issue(Self.name("k"))
                #expect(again.status == 201 && again.body == first.body)
                #expect(again.header("Content-Type") == first.header("Content-Type"))
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "1")
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE event = 'link.issued'") == "1")
            // Also when the link was spent meanwhile, and nothing that is stored can sign in.
            let token = try #require(first.text.firstMatch(of: /\/l\/([0-9A-Za-z]{43})/)?.1)
            guard case .signedIn = try await replica.click(String(token)) else {
                Issue.record("the link does not sign in")
                return
            }
            #expect(try await callers[1].issue(Self.name("k")).body == first.body)
            #expect(try await !database.psql("SELECT * FROM otalink.api_request").contains(token))
        }
    }

    @Test("Another name is another call, and so is the same name of another key")
    func others() async throws {
        try await withTwo { callers, replica, _ in
            let other = try await replica.caller(callers[0].service, name: "other")
            var bodies: [[UInt8]] = []
            for (caller, name) in [(callers[0], "a"), (callers[0], "b"), (other, "a"), (callers[0], "A")] {
                let answer = try await caller.issue(Self.name(name))
                #expect(answer.status == 201)
                bodies.append(answer.body)
            }
            #expect(Set(bodies).count == 4)
        }
    }

    @Test("The same name with another body is refused, whatever the first answer was")
    func otherBody() async throws {
        try await withTwo { callers, _, _ in
            let unknown = APICaller.linkRequest.replacing("anna", with: "nobody")
            for (name, body) in [("a", APICaller.linkRequest), ("b", unknown)] {
                _ = try await callers[0].issue(Self.name(name), body: body)
                let refused = try await callers[1].issue(Self.name(name), body: body + " ")
                #expect(refused.status == 422 && refused.text.contains("idempotency-key-reused"))
            }
        }
    }

    @Test("A refusal is an answer and is repeated, though the reason is gone; so is the desk's own address")
    func refusals() async throws {
        try await withTwo { callers, replica, database in
            let linkRequest = APICaller.linkRequest.replacing("anna", with: "bert")
            let refused = try await callers[0].issue(Self.name("r"), body: linkRequest)
            #expect(refused.status == 422 && refused.text.contains("customer-unknown"))
            _ = try await replica.store.customerUsers.create(
                CustomerUser(
                    login: "bert@example.org", email: "bert@example.org", customerID: "b", firstName: "B", lastName: "B"
                ),
                preferences: [:], context: .none)
            let again = try await callers[1].issue(Self.name("r"), body: linkRequest)
            #expect(again.status == 422 && again.body == refused.body)
            _ = try await database.psql("UPDATE otalink.customer_user SET pw = 'x' WHERE login = 'anna@example.org'")
            let plain = try await callers[0].issue(Self.name("p"))
            #expect(plain.status == 200 && plain.text.contains("\"signsIn\":false"))
            _ = try await database.psql("UPDATE otalink.customer_user SET pw = NULL")
            #expect(try await callers[1].issue(Self.name("p")).body == plain.body)
        }
    }

    @Test("A call that failed was not answered, and its repeat is tried anew at once")
    func failed() async throws {
        try await withTwo { (callers, _, _) async throws in
            callers[0].service.desk.change { $0.isReachable = false }
            #expect(try await callers[0].issue(Self.name("f")).status == 503)
            callers[0].service.desk.change { $0.isReachable = true }
            #expect(try await callers[1].issue(Self.name("f")).status == 201)
        }
    }

    @Test(
        "While the desk's table of customer users cannot be read, nobody is told to be unknown, and nothing is an answer"
    )
    func unreadableTable() async throws {
        struct Away: Error {}
        try await withReplicas { replicas, desk, database in
            let replica = replicas[0]
            var unreadable = try dependencies(replica, desk)
            let keeper = TicketKeeper(
                tickets: replica.store.tickets, desk: desk, patience: .seconds(60), logger: .quiet,
                renewCopy: CopyRenewal(store: replica.store, logger: .quiet) { throw Away() })
            unreadable.issue = IssueLink(store: replica.store, keys: replica.keys, keeper: keeper)
            let linkRequest = APICaller.linkRequest.replacing("anna", with: "bert")
            try await serving(unreadable) { service in
                let caller = try await replica.caller(service)
                let refused = try await caller.issue(Self.name("u"), body: linkRequest)
                #expect(refused.status == 503 && refused.header("Retry-After") == "10")
                #expect(refused.text.contains("table of customer users cannot be read"))
                #expect(
                    try await database.psql("SELECT count(*) FROM otalink.api_request WHERE answered_at IS NOT NULL")
                        == "0")
                // Who is known here needs no table.
                #expect(try await caller.issue(Self.name("k")).status == 201)
                try await serving(dependencies(replica, desk)) { mended in
                    let again = try await APICaller(service: mended, key: caller.key).issue(
                        Self.name("u"), body: linkRequest)
                    #expect(again.status == 422 && again.text.contains("customer-unknown"))
                }
            }
        }
    }

    @Test("While a replica works on a call others wait; when it has died, another goes on with the same link, once")
    func takenOver() async throws {
        try await withTwo { callers, replica, database in
            let store = replica.store
            let body = Array(APICaller.linkRequest.utf8)
            let call = RepeatableCall(
                apiKey: "test", name: "t", bodyHash: Array(SHA256.hash(data: body)), requestID: "dead")
            guard case .claimed(let dead) = try await store.apiRequests.claim(call, lease: .seconds(600)) else {
                Issue.record("the call could not be claimed")
                return
            }
            #expect(try await callers[0].issue(Self.name("t")).status == 409)
            _ = try await database.psql("UPDATE otalink.api_request SET claimed_until = now()")
            let answer = try await callers[1].issue(Self.name("t"))
            #expect(answer.status == 201 && answer.text.contains(dead.link.text))
            // The dead one was only slow; it makes no second link, and takes nobody's away.
            await #expect(throws: AnsweredMeanwhile.self) {
                try await replica.issue(
                    id: dead.link, ticketNumber: exampleTicket().number, customerLogin: "anna@example.org",
                    settings: Settings(), actor: "dead", answering: dead, context: .none)
            }
            #expect(try await !store.apiRequests.answer(dead, .refused(code: "x", requestID: "x")))
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE event = 'link.issued'") == "1")
        }
    }

    @Test("After a day a name is free again, and what was kept goes")
    func day() async throws {
        try await withTwo { callers, replica, database in
            let first = try await callers[0].issue(Self.name("d"))
            _ = try await database.psql(
                "UPDATE otalink.api_request SET created_at = now() - interval '23 hours 59 minutes'")
            try await replica.store.apiRequests.deleteOld()
            #expect(try await callers[0].issue(Self.name("d")).body == first.body)
            _ = try await database.psql(
                "UPDATE otalink.api_request SET created_at = now() - interval '24 hours 1 second'")
            let second = try await callers[0].issue(Self.name("d"), body: APICaller.linkRequest + " ")
            #expect(second.status == 201 && second.body != first.body)
            _ = try await database.psql(
                "UPDATE otalink.api_request SET created_at = now() - interval '24 hours 1 second'")
            try await replica.store.apiRequests.deleteOld()
            #expect(try await database.psql("SELECT count(*) FROM otalink.api_request") == "0")
        }
    }

    @Test("What is no name is refused", arguments: ["a b", "\u{E4}", String(repeating: "x", count: 256)])
    func noName(text: String) async throws {
        try await withAPI { _, caller, _ in
            let answer = try await caller.issue(Self.name(text))
            #expect(answer.status == 400)
        }
    }
}
