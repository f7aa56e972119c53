import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Tells answers to a ticket that is there from mails that will make a new one.
public struct FollowUps: Sendable {
    private let tickets: Tickets
    private let outbox: MailOutbox
    private let desk: (any TicketSystem)?

    /// - Parameter desk: nil: we cannot ask it, and what we know of tickets has to do.
    public init(tickets: Tickets, outbox: MailOutbox, desk: (any TicketSystem)?) {
        self.tickets = tickets
        self.outbox = outbox
        self.desk = desk
    }

    /// The ticket that the mail answers; nil: it makes a new one.
    ///
    /// Its subject marks a ticket, or it answers a mail of ours. A ticket that is closed, removed or unknown to the desk gets no
    /// answers: the mail will make a new one. With the desk out of reach, a ticket that we have never seen counts as
    /// unknown.
    public func ticket(answeredBy header: HeaderBlock, hook: SubjectHook) async throws -> TicketNumber? {
        let subject = header.first(named: "Subject")?.decodedValue ?? ""
        var marked = hook.ticketNumber(in: subject)
        if marked == nil { marked = try await ticket(referredToBy: header) }
        guard let number = marked else { return nil }
        if let desk {
            do {
                guard let ticket = try await desk.ticket(number: number).ticket else { return nil }
                switch ticket.stateType {
                case .closed, .removed: return nil
                case .new, .open, .pendingReminder, .pendingAuto, .merged, .other: return number
                }
            } catch is TicketSystemError {
                // What we know has to do.
            }
        }
        return try await tickets.chain(from: number).isEmpty ? nil : number
    }

    private func ticket(referredToBy header: HeaderBlock) async throws -> TicketNumber? {
        let references = ["In-Reply-To", "References"].flatMap { header.fields(named: $0) }.map(\.value)
        // Our Message-IDs are the ids of our mails.
        let ids = references.flatMap { $0.split { "<> \t\r\n,".contains($0) } }.compactMap { reference in
            UUID(uuidString: String(reference.prefix { $0 != "@" }))
        }
        return ids.isEmpty ? nil : try await outbox.ticket(ofMails: Array(ids.suffix(20)))
    }
}
