import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@testable import MailFlow

@Suite("Customer users of tickets that the desk fetched itself")
struct NewcomerAccountTests {
    private static let on = #"{"SetCheckBoxName":"NewCustomer"}"#

    @Test(
        "A ticket of a bare address gets its customer user and its mark; the link follows, and repeats do nothing more")
    func newcomer() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "Nora@example.net" }
            }
            let settings = Settings(stored: [SettingName.createCustomerUser: Self.on, SettingName.mailFirstLink: "1"])
            let take = take(replicas[0], desk)
            for _ in 0..<3 { _ = try await take(DeskEventHint(ticketID: 1), settings: settings, context: .none) }
            let row = try await database.psql("SELECT login, email FROM otalink.customer_user WHERE email LIKE 'nora%'")
            #expect(row == "Nora@example.net|nora@example.net")
            #expect(desk.state.withLock(\.dynamicFields) == [1: ["NewCustomer": "1"]])
            #expect(try await database.psql("SELECT recipient FROM otalink.mail_outbox") == "nora@example.net")
        }
    }

    @Test(
        "Logins that are no address, of somebody known, or of the desk itself make nobody",
        arguments: ["kunde1", "Anna@example.org", "support@example.org", "a@localhost", ""])
    func nobody(login: String) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = login }
            }
            let settings = Settings(stored: [
                SettingName.createCustomerUser: Self.on, SettingName.deskAddresses: "Support@example.org",
            ])
            _ = try await take(replicas[0], desk)(DeskEventHint(ticketID: 1), settings: settings, context: .none)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
        }
    }

    @Test("With the setting off nobody is made; with the desk away the event fails, and its repeat finishes the work")
    func failure() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "nora@example.net" }
            }
            _ = try await take(replicas[0], desk)(DeskEventHint(ticketID: 1), settings: Settings(), context: .none)
            #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
            let newcomer = NewcomerAccount(directory: ownDirectory(replicas[0].store), desk: desk)
            let ticket = try #require(desk.state.withLock { $0.tickets.values.first })
            let policy = InboundPolicy(settings: Settings(stored: [SettingName.createCustomerUser: Self.on]))
            desk.change { $0.isReachable = false }
            await #expect(throws: TicketSystemError.self) {
                try await newcomer(of: ticket, policy: policy, context: .none)
            }
            desk.change { $0.isReachable = true }
            #expect(try await newcomer(of: ticket, policy: policy, context: .none) == false)
            #expect(desk.state.withLock(\.dynamicFields) == [1: ["NewCustomer": "1"]])
        }
    }

    private func take(_ replica: Replica, _ desk: ExampleDesk) -> TakeDeskEvent {
        let newcomer = NewcomerAccount(directory: ownDirectory(replica.store), desk: desk)
        return TakeDeskEvent(store: replica.store, keys: replica.keys, keeper: replica.keeper) {
            ticket, settings, context in
            _ = try await newcomer(of: ticket, policy: InboundPolicy(settings: settings), context: context)
        }
    }
}
