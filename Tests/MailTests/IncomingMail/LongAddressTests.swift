import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import IncomingMail

@Suite("Addresses that are longer than the desk's columns")
struct LongAddressTests {
    /// An address of so many characters.
    private static func address(_ length: Int) -> String {
        var rest = length - "nora@".count - "example.org".count
        var labels = ""
        while rest > 1 {
            let label = min(60, rest - 1)
            labels += String(repeating: "d", count: label) + "."
            rest -= label + 1
        }
        // A label takes two characters at least.
        return (rest == 1 ? "norah@" : "nora@") + labels + "example.org"
    }

    @Test(
        "The filter creates nobody for them and says so before the desk is asked", arguments: [150, 151, 191, 240, 254])
    func filter(length: Int) async throws {
        try await withReplicas { replicas, desk, database in
            let sender = Self.address(length)
            #expect(try MailAddress(sender).address.count == length)
            let filter = inboundFilter(replicas[0], desk: desk) { $0.create = CreateCustomerUserSetting("{}") }
            let header = HeaderBlock(
                parsing: Array("From: \(sender)\r\nSubject: [Ticket#2026112510000099] x\r\n\r\n".utf8))
            let filtered = try await filter(header, envelopeSender: nil)
            if length <= 150 {
                #expect(filtered.outcome == .created(login: sender))
            } else {
                #expect(filtered.outcome == .addressTooLong)
                #expect(desk.state.withLock(\.questions) == 0)
                #expect(filtered.header.first(named: "X-OTOBO-CustomerUser") == nil)
                #expect(
                    try await database.psql("SELECT reason FROM otalink.audit_event WHERE event = 'mail.passed'")
                        == "address-too-long")
                #expect(try await database.psql("SELECT count(*) FROM otalink.customer_user") == "1")
            }
        }
    }

    @Test("A ticket of such an address makes nobody, with a reason in the audit trail", arguments: [151, 254, 300])
    func event(length: Int) async throws {
        try await withReplicas { replicas, desk, database in
            var ticket = try exampleTicket()
            ticket.customerLogin = length > 254 ? Self.address(254).uppercased() : Self.address(length)
            let newcomer = NewcomerAccount(
                store: replicas[0].store, directory: ownDirectory(replicas[0].store), desk: desk, logger: .quiet)
            let policy = InboundPolicy(settings: Settings(stored: [SettingName.createCustomerUser: "{}"]))
            #expect(try await newcomer(of: ticket, policy: policy, context: .none) == .withheld("address-too-long"))
            #expect(
                try await database.psql("SELECT reason FROM otalink.audit_event WHERE event = 'mail.passed'")
                    == "address-too-long")
        }
    }

    @Test("Nothing is created whose address would have to be cut, in any backend", arguments: ["", "CRM"])
    func directory(backend: String) async throws {
        try await withReplicas { replicas, _, _ in
            let long = CustomerUser(
                login: "short", email: "a@example.org", customerID: String(repeating: "c", count: 151), firstName: "F",
                lastName: "L")
            let made = try await ownDirectory(replicas[0].store).create(
                long, in: backend, preferences: [:], context: .none)
            #expect(made == .tooLong)
        }
    }

    @Test("A customer user whom the desk's ticket cannot hold is not named, since the desk would fail on the mail")
    func known() async throws {
        try await withReplicas { replicas, _, database in
            let long = String(repeating: "c", count: 151)
            try await database.psql("UPDATE otalink.customer_user SET customer_id = '\(long)'")
            let header = HeaderBlock(parsing: Array("From: anna@example.org\r\n\r\n".utf8))
            let filtered = try await inboundFilter(replicas[0])(header, envelopeSender: nil)
            #expect(filtered.outcome == .unwritable)
            #expect(filtered.header.first(named: "X-OTOBO-CustomerNo") == nil)
        }
    }
}
