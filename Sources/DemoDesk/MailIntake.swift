import Foundation

/// Makes tickets of mails, as the desk's mail reader does: whom a ticket belongs to is told by the trusted headers that the
/// mail filter has set, or else by the sender's address, whoever or whatever sends there. A mail whose subject marks a ticket, or
/// that refers to a mail of one, is added to it.
///
/// Reads enough of RFC 5322 and MIME for a demonstration: encoded words, the usual transfer encodings, and the first plain
/// text part. A malformed mail gives a poor ticket, never an error.
struct MailIntake {
    private let header: [(name: String, value: String)]
    private let body: [UInt8]

    init(_ message: [UInt8]) {
        var lines: [[UInt8]] = [[]]
        for byte in message {
            if byte == UInt8(ascii: "\n") {
                if lines[lines.count - 1].last == UInt8(ascii: "\r") { lines[lines.count - 1].removeLast() }
                lines.append([])
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        let end = lines.firstIndex(of: []) ?? lines.count
        header = Self.fields(lines[..<end])
        body = Array(lines.dropFirst(end + 1).joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The ticket that the mail becomes.
    func ticket(queue: String) -> NewDemoTicket {
        let from = MailText.decodingWords(field("From") ?? "")
        let login = field("X-OTOBO-CustomerUser") ?? Self.address(in: from)
        return NewDemoTicket(
            title: subject, queue: queue, customerLogin: login, customerID: field("X-OTOBO-CustomerNo") ?? login,
            article: article)
    }

    /// What is kept of the mail.
    var article: NewDemoArticle {
        NewDemoArticle(
            sender: .customer, from: MailText.decodingWords(field("From") ?? ""),
            to: MailText.decodingWords(field("To") ?? ""), subject: subject, body: plainText ?? "",
            mail: DemoMailFields(
                messageID: field("Message-ID") ?? "", inReplyTo: field("In-Reply-To") ?? "",
                references: field("References") ?? ""), attachments: attachments)
    }

    /// The number behind the mark `Ticket#` in the subject.
    var markedTicket: String? {
        subject.firstMatch(of: /Ticket#([0-9]{4,})/).map { String($0.output.1) }
    }

    /// The Message-IDs that the mail refers to, with their angle brackets.
    var references: [String] {
        ["In-Reply-To", "References"].compactMap(field).joined(separator: " ").split(separator: " ").map(String.init)
    }

    private var subject: String {
        let subject = MailText.decodingWords(field("Subject") ?? "")
        return subject.isEmpty ? "(no subject)" : subject
    }

    func field(_ name: String) -> String? {
        header.first { $0.name.lowercased() == name.lowercased() && !$0.value.isEmpty }?.value
    }

    /// The first plain text part, or any text where there is none.
    private var plainText: String? {
        let (type, parameters) = MailText.contentType(field("Content-Type") ?? "text/plain")
        if let parts { return parts.lazy.compactMap(\.plainText).first }
        guard type == "text/plain" else { return nil }
        return MailText.string(content, charset: parameters["charset"] ?? "utf-8")
    }

    /// Of a part, without its transfer encoding.
    var content: [UInt8] { MailText.decodingTransfer(body, field("Content-Transfer-Encoding") ?? "") }

    /// Of a multipart mail; nil: it is none.
    var parts: [MailIntake]? {
        let (type, parameters) = MailText.contentType(field("Content-Type") ?? "text/plain")
        guard type.hasPrefix("multipart/"), let boundary = parameters["boundary"] else { return nil }
        return parts(separatedBy: boundary)
    }

    private func parts(separatedBy boundary: String) -> [MailIntake] {
        let delimiter = "--" + boundary
        var parts: [[[UInt8]]] = []
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            if text == delimiter + "--" { break }
            if text == delimiter {
                parts.append([])
            } else if !parts.isEmpty {
                parts[parts.count - 1].append(Array(line))
            }
        }
        return parts.map { MailIntake(Array($0.joined(separator: [UInt8(ascii: "\n")]))) }
    }

    private static func fields(_ lines: ArraySlice<[UInt8]>) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            if text.first?.isWhitespace == true, let last = fields.popLast() {
                fields.append((last.name, last.value + " " + text.trimmingCharacters(in: .whitespaces)))
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                fields.append((String(text[..<colon]).trimmingCharacters(in: .whitespaces), value))
            }
        }
        return fields
    }

    /// The last address, as the desk takes it; a comment behind it is none.
    private static func address(in field: String) -> String {
        guard let open = field.lastIndex(of: "<") else {
            return String(field.prefix { $0 != "(" }).trimmingCharacters(in: .whitespaces)
        }
        return String(field[field.index(after: open)...].prefix { $0 != ">" })
    }
}

extension DemoDeskState {
    /// Adds a raw message to the ticket that it answers, or makes a ticket of it, and answers that ticket. What answers a closed
    /// ticket makes a new one.
    @discardableResult
    public func receive(mail: [UInt8]) -> DemoTicket {
        let intake = MailIntake(mail)
        if let answered = ticketAnswered(by: intake),
            (try? addArticle(intake.article, to: answered.number)) != nil, let ticket = ticket(answered.number)
        {
            return ticket
        }
        return create(intake.ticket(queue: configuration.queues.first ?? "Raw"))
    }

    private func ticketAnswered(by intake: MailIntake) -> DemoTicket? {
        let references = Set(intake.references)
        let found =
            intake.markedTicket.flatMap(ticket)
            ?? allTickets.last { $0.articles.contains { $0.mail.map { references.contains($0.messageID) } ?? false } }
        return found.flatMap { ["closed", "removed", "merged"].contains($0.state.type) ? nil : $0 }
    }
}
