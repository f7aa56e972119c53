import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import Testing

@Suite("Redeeming")
struct RedeemTests {
    @Test("A good token signs in, the same browser again within ten seconds too, another browser gets a new link")
    func once() async throws {
        try await withReplicas { replicas, _, database in
            let token = try await replicas[0].token()
            let first = try await replicas[0].click(token)
            guard case .signedIn(let session, let ticket) = first else {
                Issue.record("not signed in: \(first)")
                return
            }
            #expect(ticket.title == "Printer on fire")
            #expect(try await replicas[1].click(token) == .signedIn(session: session, ticket))
            #expect(try await replicas[1].click(token, browser: 2) == .message(.newLink))
            #expect(try await replicas[1].click(token, browser: 3) == .message(.newLink))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test("Of a hundred browsers on two replicas one signs in, twenty times over")
    func race() async throws {
        try await withReplicas { replicas, _, database in
            for round in 1...20 {
                let token = try await replicas[0].token()
                let answers = try await withThrowingTaskGroup(of: RedeemAnswer.self) { group in
                    for browser in 0..<100 {
                        group.addTask { try await replicas[browser % 2].click(token, browser: UInt8(browser)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let signedIn = answers.count { if case .signedIn = $0 { true } else { false } }
                #expect(signedIn == 1)
                #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "\(round)")
            }
            // One refresh mail a minute for a person and ticket, however many browsers came too late.
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test("Forged, damaged and revoked tokens are answered alike")
    func expired() async throws {
        try await withReplicas { replicas, _, _ in
            let token = try await replicas[0].token()
            let damaged = token.spoiled(at: token.count - 1)
            for text in ["", "x", damaged, String(repeating: "0", count: 43)] {
                #expect(try await replicas[0].click(text) == .message(.linkExpired))
            }
            let id = try #require(replicas[0].keys.verify(token, as: .link))
            #expect(try await replicas[0].store.links.revoke(id: id, reason: "test", actor: "test", context: .none))
            #expect(try await replicas[1].click(token) == .message(.linkExpired))
        }
    }

    @Test("An older link says that a newer one exists")
    func wrongLink() async throws {
        try await withReplicas { replicas, _, _ in
            let old = try await replicas[0].token()
            let new = try await replicas[1].token()
            #expect(try await replicas[0].click(old) == .message(.wrongLink))
            guard case .signedIn = try await replicas[0].click(new) else {
                Issue.record("the newer link must sign in")
                return
            }
        }
    }

    @Test("With the desk out of reach and stale facts nothing is spent; with usable facts the link works")
    func deskAway() async throws {
        try await withReplicas { replicas, desk, database in
            let token = try await replicas[0].token()
            desk.change { $0.isReachable = false }
            _ = try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '16 minutes'")
            await #expect(throws: DeskUnavailable.self) { try await replicas[0].click(token) }
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
            _ = try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '14 minutes'")
            guard case .signedIn = try await replicas[0].click(token) else {
                Issue.record("usable facts must do")
                return
            }
        }
    }

    @Test("Fresh facts spare the desk; facts that are not fresh are read again and count")
    func freshness() async throws {
        try await withReplicas { replicas, desk, database in
            let token = try await replicas[0].token()
            desk.change { state in
                state.questions = 0
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "bert@example.org" }
            }
            _ = try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '61 seconds'")
            #expect(try await replicas[0].click(token) == .message(.linkExpired))
            #expect(desk.state.withLock(\.questions) == 1)
            #expect(try await replicas[0].click(token) == .message(.linkExpired))
            #expect(desk.state.withLock(\.questions) == 1)
        }
    }
}
