import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

/// Judges a ticket by the mail that began it: by the filter's verdict where the mail passed it, else by what the desk stores.
public struct TicketJudge: Sendable {
    private let verdicts: MailVerdicts
    private let outbox: MailOutbox
    private let desk: any TicketSystem

    public init(store: LinkStore, desk: any TicketSystem) {
        verdicts = store.mailVerdicts
        outbox = store.outbox
        self.desk = desk
    }

    /// Judges a ticket.
    ///
    /// - Parameter addresses: those that would get a mail or an account; what is no person's address makes the verdict worse.
    /// - Throws: `TicketSystemError` or an error of the database; then it is to be judged again.
    public func callAsFunction(
        _ ticket: Ticket, addresses: [String], policy: InboundPolicy
    ) async throws -> TicketJudgement {
        let judge = MailJudge(policy: policy)
        if let robot = addresses.lazy.compactMap(judge.reason(forAddress:)).first {
            return TicketJudgement(verdict: .robot, reason: InboundOutcome.robot(robot).word)
        }
        guard let origin = try await desk.origin(ofTicket: ticket.ticketID) else {
            return TicketJudgement(verdict: .unread)
        }
        let header = HeaderBlock(stored: origin)
        let isOwnMail = try await isOwnMail(origin)
        let finding = judge.judgeStored(header, isOwnMail: isOwnMail)
        // The filter saw the whole header; what the desk made of its sender stands in the ticket.
        let login = ticket.customerLogin.map(AddressIdentity.canonical)
        func key(_ sender: String?) -> MailKey? { sender.flatMap { MailKey(messageID: origin.messageID, sender: $0) } }
        let loginKey = key(login)
        let name = finding.sender.flatMap { $0.address == login ? $0.displayName : nil }
        let keys = Set([key(finding.sender?.address), loginKey, key("")].compactMap(\.self))
        let remembered = isOwnMail ? [] : try await verdicts.find(Array(keys))
        if let worst = remembered.max(by: { $0.verdict < $1.verdict }) {
            let isOfLogin = remembered.contains { $0.key == loginKey }
            return TicketJudgement(
                verdict: worst.verdict, reason: worst.reason, sender: isOfLogin ? login : finding.sender?.address,
                customerName: name, key: worst.key)
        }
        guard origin.isMail, origin.sender != .agent, origin.sender != .system else {
            return TicketJudgement(verdict: .noMail, customerName: name)
        }
        return TicketJudgement(
            verdict: finding.verdict, reason: finding.reason, sender: finding.sender?.address, customerName: name)
    }

    private func isOwnMail(_ origin: TicketOrigin) async throws -> Bool {
        guard let id = OwnMessageID(origin.messageID) else { return false }
        return try await outbox.isOwn(id)
    }
}

extension HeaderBlock {
    /// The fields that the desk stores. A line break in one of them is none: the desk has no lines there.
    init(stored origin: TicketOrigin) {
        let fields = [
            ("From", origin.from), ("To", origin.to), ("Subject", origin.subject), ("Message-ID", origin.messageID),
        ]
        let lines = fields.filter { !$0.1.isEmpty }.map { name, value in
            let visible = value.prefix(10_000).unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }
            return "\(name): \(String(String.UnicodeScalarView(visible)))\r\n"
        }
        self.init(parsing: Array((lines.joined() + "\r\n").utf8))
    }
}
