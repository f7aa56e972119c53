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
    /// The number as the desk finds it in subjects, e.g. `Ticket#2026112510000013`.
    public var subjectHook: String
    /// Nil or empty: the number alone. Left out if it could pass for a link.
    public var ticketTitle: String?
    /// The way to the ticket.
    public var link: MailLink
    /// The zone of the validity.
    public var zone: TimeZone

    /// `subjectHook` is `Ticket#` and the number unless the desk is set up differently.
    public init(
        siteName: String, support: String? = nil, recipientName: String?, ticketNumber: String,
        subjectHook: String? = nil, ticketTitle: String?, link: MailLink, zone: TimeZone
    ) {
        self.siteName = siteName
        self.support = support
        self.recipientName = recipientName
        self.ticketNumber = ticketNumber
        self.subjectHook = subjectHook ?? "Ticket#" + ticketNumber
        self.ticketTitle = ticketTitle
        self.link = link
        self.zone = zone
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
        let refreshSubject: Wording<HookField>
        let newTicketSubject: Wording<HookField>
        let newsSubject: Wording<HookField>
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
    enum HookField: Hashable, Sendable { case hook }
    enum TicketField: Hashable, Sendable { case ticket }
    enum TitledField: Hashable, Sendable { case number, title }
    enum SiteField: Hashable, Sendable { case site }

    /// The mail with a fresh link, sent because an older one was opened.
    public func refreshMail(_ facts: MailFacts) -> MailText {
        letter(
            facts, subject: mail.refreshSubject,
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
        _ facts: MailFacts, subject: Wording<HookField>, opening: [String], reason: Wording<SiteField>
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
            subject: subject.filled { _ in MailLine.shortened(facts.subjectHook) },
            text: paragraphs.joined(separator: "\n\n") + "\n")
    }

    private func greeting(_ name: String?) -> String {
        guard let name = name.flatMap(MailLine.harmless) else { return mail.greetingWithoutName }
        return mail.greeting.filled { _ in name }
    }

    private func ticketName(_ facts: MailFacts) -> String {
        let number = MailLine.shortened(facts.ticketNumber)
        guard let title = facts.ticketTitle.flatMap(MailLine.harmless) else { return number }
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

/// One line of a mail from a text that somebody else wrote.
///
/// Names and titles come from whoever wrote the first message, and the answer goes to the address given there:
/// it must not be possible to make the help desk mail links of one's own choice to a stranger.
enum MailLine {
    private static let longest = 100

    /// On one line, without control characters and direction overrides, cut after 100 characters.
    static func shortened(_ text: String) -> String {
        let words = PlainText.line(text)
        return words.count <= longest ? words : words.prefix(longest - 1) + "…"
    }

    /// The same, or nil if nothing is left or if it could be taken for a link or an address.
    static func harmless(_ text: String) -> String? {
        let line = shortened(text)
        let lowercased = line.lowercased()
        let suspicious = ["://", "www.", "@", "mailto:"]
        guard !line.isEmpty, !suspicious.contains(where: lowercased.contains) else { return nil }
        return line
    }
}
