import Foundation

/// Subject and text of a mail; paragraphs are single lines, parted by an empty line.
public struct MailText: Hashable, Sendable {
    /// One line, without characters that a header must not have.
    public let subject: String
    /// Lines end with `\n`.
    public let text: String
}

/// What a mail about a ticket says besides its built-in words.
public struct MailFacts: Sendable {
    /// The name of the help desk; it stands as sender under the text.
    public var siteName: String
    /// Where questions go: an address or a URL.
    public var support: String?
    /// The person's full name; nil or empty: a greeting without.
    public var recipientName: String?
    /// The number as customers know it.
    public var ticketNumber: String
    /// The mark of the ticket as the desk finds it in subjects, e.g. `[Ticket#2026112510000013]`.
    public var subjectMark: SubjectMark
    /// Nil or empty: the number alone. Words that could pass for a link are left out.
    public var ticketTitle: String?
    /// The way to the ticket.
    public var link: MailLink
    /// When the link was issued.
    public var issuedAt: Date
    /// The zone of all times.
    public var zone: TimeZone

    /// `subjectMark` is `[Ticket#` and the number in front of the subject unless the desk is set up differently.
    public init(
        siteName: String, support: String? = nil, recipientName: String?, ticketNumber: String,
        subjectMark: SubjectMark? = nil, ticketTitle: String?, link: MailLink, issuedAt: Date, zone: TimeZone
    ) {
        self.siteName = siteName
        self.support = support
        self.recipientName = recipientName
        self.ticketNumber = ticketNumber
        self.subjectMark = subjectMark ?? SubjectMark(text: "[Ticket#\(ticketNumber)]")
        self.ticketTitle = ticketTitle
        self.link = link
        self.issuedAt = issuedAt
        self.zone = zone
    }
}

/// What tells the desk, and the reader, which ticket a mail is about.
public struct SubjectMark: Hashable, Sendable {
    /// With its brackets.
    public var text: String
    public var isBehind: Bool

    public init(text: String, isBehind: Bool = false) {
        self.text = text
        self.isBehind = isBehind
    }

    /// A subject of one line with the mark.
    func marking(_ subject: String) -> String {
        let mark = MailLine.shortened(text)
        return isBehind ? "\(subject) \(mark)" : "\(mark) \(subject)"
    }
}

/// What stands in a mail where the way to the ticket is shown.
public enum MailLink: Hashable, Sendable {
    /// A one-time link; `validUntil` is nil when its lifetime has no end.
    case oneTime(url: String, validUntil: Date?)
    /// The plain URL of the ticket, for a person who has a password.
    case plain(url: String)
    /// No link could be made: this text stands in its place.
    case unavailable(text: String)
}

extension Catalogue {
    /// The pieces that mails are put together from.
    struct MailTexts: Sendable {
        let greeting: Wording<NameField>
        let greetingWithoutName: String
        /// Says when the link was issued: mail programs put mails of one subject together, and show the first of them.
        let refreshSubject: Wording<MomentField>
        let newTicketSubject: String
        let newsSubject: String
        /// Leads to the link in a refresh mail.
        let refreshIntroduction: Wording<TicketField>
        /// Opens the mail about a new ticket.
        let newTicketIntroduction: Wording<TicketField>
        /// Opens the mail about news of a ticket.
        let newsIntroduction: Wording<TicketField>
        /// Leads to the link in the mails about a new ticket and about news.
        let newTicketLink: String
        let newTicketPlainLink: String
        /// The ticket, named with its title.
        let ticketWithTitle: Wording<TitledField>
        let worksOnce: String
        let worksOnceUntil: Wording<MomentField>
        let keepToYourself: String
        let refreshReason: Wording<SiteField>
        let newTicketReason: Wording<SiteField>
        let newsReason: Wording<SiteField>
        let closing: String
    }

    enum NameField: Hashable, Sendable { case name }
    enum TicketField: Hashable, Sendable { case ticket }
    enum TitledField: Hashable, Sendable { case number, title }
    enum SiteField: Hashable, Sendable { case site }

    /// The mail with a fresh link, sent because an older one was opened.
    public func refreshMail(_ facts: MailFacts) -> MailText {
        letter(
            facts, subject: mail.refreshSubject.filled { _ in momentToTheSecond(facts.issuedAt, in: facts.zone) },
            opening: [mail.refreshIntroduction.filled { _ in ticketName(facts) }],
            reason: mail.refreshReason)
    }

    /// The mail that tells the sender of a first message about the new ticket.
    public func newTicketMail(_ facts: MailFacts) -> MailText {
        letter(
            facts, subject: mail.newTicketSubject, opening: opening(facts, mail.newTicketIntroduction),
            reason: mail.newTicketReason)
    }

    /// The mail that tells of news without saying which.
    public func newsMail(_ facts: MailFacts) -> MailText {
        letter(
            facts, subject: mail.newsSubject, opening: opening(facts, mail.newsIntroduction), reason: mail.newsReason)
    }

    private func opening(_ facts: MailFacts, _ introduction: Wording<TicketField>) -> [String] {
        let introduction = introduction.filled { _ in ticketName(facts) }
        return switch facts.link {
        case .oneTime: [introduction, mail.newTicketLink]
        case .plain: [introduction, mail.newTicketPlainLink]
        case .unavailable: [introduction]
        }
    }

    private func letter(
        _ facts: MailFacts, subject: String, opening: [String], reason: Wording<SiteField>
    ) -> MailText {
        let site = MailLine.shortened(facts.siteName)
        var paragraphs = [greeting(facts.recipientName)] + opening
        switch facts.link {
        case .oneTime(let url, let validUntil):
            paragraphs.append(url)
            paragraphs.append(validity(until: validUntil, in: facts.zone))
            paragraphs.append(mail.keepToYourself)
        case .plain(let url): paragraphs.append(url)
        case .unavailable(let text): paragraphs.append(text)
        }
        paragraphs.append(reason.filled { _ in site })
        let signature = [mail.closing, site, facts.support.map(MailLine.shortened)].compactMap(\.self)
        paragraphs.append(signature.joined(separator: "\n"))

        return MailText(
            subject: facts.subjectMark.marking(subject),
            text: paragraphs.joined(separator: "\n\n") + "\n")
    }

    private func greeting(_ name: String?) -> String {
        guard let name = name.flatMap(MailLine.harmless) else { return mail.greetingWithoutName }
        return mail.greeting.filled { _ in name }
    }

    private func ticketName(_ facts: MailFacts) -> String {
        let number = MailLine.shortened(facts.ticketNumber)
        guard let title = facts.ticketTitle.flatMap(MailLine.harmlessTitle) else { return number }
        return mail.ticketWithTitle.filled { field in
            switch field {
            case .number: number
            case .title: title
            }
        }
    }

    private func validity(until date: Date?, in zone: TimeZone) -> String {
        guard let date else { return mail.worksOnce }
        return mail.worksOnceUntil.filled { _ in momentWithZone(date, in: zone) }
    }
}
