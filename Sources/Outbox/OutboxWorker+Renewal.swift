import Foundation
import LinkStore
import OneTimeLinks

extension OutboxWorker {
    /// Queues a mail once more, with a fresh link to the address as it is stored now.
    ///
    /// The new ids follow from the old ones: whoever repeats this after a crash queues nothing a second time.
    func renew(_ mail: ClaimedMail, ticket: Ticket, customer: CustomerUser, settings: Settings) async throws {
        let link = NewLink(
            id: mail.link.id.successor, ticketNumber: ticket.number, customerLogin: customer.login,
            recipient: customer.email, keyID: keys.signingKeyID, origin: .notification)
        let renewed = NewMail(
            id: mail.id.successor, kind: mail.kind, notificationID: mail.notificationID, language: mail.language,
            firstLink: mail.firstLink)
        _ = try await store.links.offer(
            ticketNumber: ticket.number, customerLogin: customer.login, oldLink: nil,
            lifetimeDays: settings.link.linkLifetimeDays, context: .none
        ) { _ in (link, renewed) }
    }
}

extension UUID {
    /// The id whose last eight bytes, which are random, are one more. Nobody else makes it but by chance.
    var successor: UUID {
        let low = bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } &+ 1
        let bytes = bytes.prefix(8) + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64($0))) }
        return UUID(bytes: bytes) ?? self
    }
}
