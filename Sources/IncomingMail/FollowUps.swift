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

    /// Who says what a mail answers.
    public enum Source: String, Hashable, Sendable {
        case desk
        /// The tickets that we know: the desk's variables are not set, or it does not answer.
        case knownTickets = "known-tickets"
    }

    /// What a mail does at the desk.
    public enum Kind: Hashable, Sendable {
        /// It makes a new ticket.
        case newTicket
        /// The desk adds it to a ticket that is there.
        case followUp
        /// It is marked with a ticket that we do not know, and the desk cannot be asked.
        case unknownTicket
    }

    /// What a mail does at the desk, and who said so.
    ///
    /// Its subject marks a ticket, or it answers a mail of ours. A ticket that is closed, removed or unknown to the desk gets no
    /// answers: the mail will make a new one. Without the desk, the tickets that we know decide.
    public func answer(_ header: HeaderBlock, hook: SubjectHook) async throws -> (kind: Kind, source: Source?) {
        let subject = header.first(named: "Subject")?.decodedValue ?? ""
        let marked = hook.ticketNumber(in: subject)
        let referred = marked == nil ? try await ticket(referredToBy: header) : nil
        guard let number = marked ?? referred else { return (.newTicket, nil) }
        if let desk {
            do {
                guard let ticket = try await desk.ticket(number: number).ticket else { return (.newTicket, .desk) }
                switch ticket.stateType {
                case .closed, .removed: return (.newTicket, .desk)
                case .new, .open, .pendingReminder, .pendingAuto, .merged, .other: return (.followUp, .desk)
                }
            } catch is TicketSystemError {
                // What we know has to do.
            }
        }
        // A ticket that a mail of ours was about is known, even if its facts are gone.
        if referred != nil { return (.followUp, .knownTickets) }
        let isKnown = try await !tickets.chain(from: number).isEmpty
        return (isKnown ? .followUp : .unknownTicket, .knownTickets)
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
