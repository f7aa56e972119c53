import Catalogue
import Foundation
import LinkStore
import MailMessage
import Notifications
import OneTimeLinks
import TicketSystem

/// The words of a stored notification, with what its tags ask the desk for.
public struct NotificationText: Sendable, Hashable {
    public var message: NotificationMessage
    /// The latest article that the customer may read; nil: there is none, or no tag asks for it.
    public var article: TicketArticle?

    public init(message: NotificationMessage, article: TicketArticle? = nil) {
        self.message = message
        self.article = article
    }
}

/// Writes our own mails: a function of the queued mail, its text, the settings and the keys, so that a repeat after a
/// crash is the same bytes, with the same token and Message-ID.
public struct MailWriter: Sendable {
    private let site: MailSite
    private let keys: KeyRing

    public init(site: MailSite, keys: KeyRing) {
        self.site = site
        self.keys = keys
    }

    /// The message (RFC 5322).
    ///
    /// - Parameter text: of a stored notification; nil: the built-in text in the mail's language.
    public func write(
        _ mail: ClaimedMail, _ contents: MailContents, settings: Settings, text: NotificationText? = nil
    ) throws(MailWritingError) -> [UInt8] {
        let link = try link(mail, contents, settings: settings)
        let letter =
            text.map { storedLetter($0, mail, contents, link: link, settings: settings) }
            ?? builtInLetter(mail, contents, link: link, settings: settings)
        let id = mail.id.text
        let outgoing = OutgoingMail(
            from: author(contents, settings).named(settings.text(SettingName.helpDeskName)),
            to: [try recipient(of: mail)],
            subject: letter.subject, date: mail.createdAt,
            messageID: OwnMessageID.text(mail: mail.id, code: mail.code, host: site.messageIDHost),
            fields: [
                .init("Auto-Submitted", "auto-generated"),
                .init("X-Auto-Response-Suppress", "All"),
                .init("Content-Language", letter.language),
            ],
            text: letter.text, html: letter.html, boundary: "=_otalink-\(id)")
        do {
            return try MailComposer.compose(outgoing)
        } catch {
            throw .composition(error)
        }
    }

    /// Of the queue, where it has one of its own.
    private func author(_ contents: MailContents, _ settings: Settings) -> MailAddress {
        contents.ticket.flatMap { settings.sender(ofQueue: $0.queue) }.flatMap { try? MailAddress($0) } ?? site.from
    }

    private func recipient(of mail: ClaimedMail) throws(MailWritingError) -> MailAddress {
        do {
            // A name is what its bearer wrote: it may look like an address of somebody else's choice.
            return try MailAddress(
                mail.recipient, displayName: mail.customer.flatMap { MailLine.harmless($0.fullName) })
        } catch {
            throw .recipient(error)
        }
    }

    private func link(
        _ mail: ClaimedMail, _ contents: MailContents, settings: Settings
    ) throws(MailWritingError) -> MailLink {
        if contents.way == .ticketPage, let ticket = contents.ticket { return .plain(url: site.ticketURL(ticket)) }
        guard let token = keys.sign(mail.link.id, as: .link, keyID: mail.keyID) else { throw .signingKeyMissing }
        let days = settings.link.linkLifetimeDays
        let ownEnd = days > 0 ? mail.link.createdAt.addingTimeInterval(TimeInterval(days) * 86_400) : nil
        return .oneTime(
            url: site.linkURL(token), validUntil: [ownEnd, contents.accessUntil].compactMap(\.self).min())
    }

    /// The reader's, if they chose one: UTC is what new accounts get without being asked.
    private func zone(of mail: ClaimedMail) -> TimeZone {
        mail.timeZone.flatMap { $0 == "UTC" ? nil : TimeZone(identifier: $0) } ?? site.timeZone
    }

    private func storedLetter(
        _ text: NotificationText, _ mail: ClaimedMail, _ contents: MailContents, link: MailLink, settings: Settings
    ) -> MailLetter {
        let facts = NotificationFacts(
            link: link.url, ticketNumber: mail.link.ticketNumber, ticket: contents.ticket, customer: mail.customer,
            article: text.article, deskURL: contents.ticket.map(site.ticketURL),
            sender: author(contents, settings).address,
            settings: settings)
        var letter = NotificationTags(facts).letter(text.message)
        if mail.kind == .refresh {
            let catalogue = Catalogue(for: Language(letter.language) ?? Language(mail.language) ?? .english)
            letter.subject += " (\(catalogue.momentToTheSecond(mail.link.createdAt, in: zone(of: mail))))"
        }
        return letter
    }

    private func builtInLetter(
        _ mail: ClaimedMail, _ contents: MailContents, link: MailLink, settings: Settings
    ) -> MailLetter {
        let number = contents.ticket?.number ?? mail.link.ticketNumber
        let facts = MailFacts(
            siteName: settings.text(SettingName.helpDeskName) ?? "",
            support: settings.text(SettingName.helpDeskContact),
            recipientName: mail.customer?.fullName,
            ticketNumber: number.text, subjectMark: SubjectHook(settings: settings).mark(of: number),
            ticketTitle: contents.ticket?.title, link: link, issuedAt: mail.link.createdAt, zone: zone(of: mail))
        let catalogue = Catalogue(for: Language(mail.language) ?? .english)
        let text =
            switch mail.kind {
            case .refresh: catalogue.refreshMail(facts)
            // Whatever it was to tell of, a notification that is gone tells of it no more.
            case .notification: mail.notificationID == nil ? catalogue.newTicketMail(facts) : catalogue.newsMail(facts)
            }
        return MailLetter(subject: text.subject, plainText: text.text, url: link.url, language: catalogue.language.tag)
    }
}

/// Why a mail could not be written. The descriptions carry no address.
public enum MailWritingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key ring has no key of the id that the link names: an operator can put it back.
    case signingKeyMissing
    /// The stored address cannot be mailed to.
    case recipient(AddressDefect)
    /// The text or a setting does not fit into a mail.
    case composition(CompositionError)

    /// False where an operator can help, so that trying again later makes sense.
    public var isPermanent: Bool {
        switch self {
        case .signingKeyMissing: false
        case .recipient, .composition: true
        }
    }

    public var description: String {
        switch self {
        case .signingKeyMissing: "the secret key that signs the link is not in the key ring; see: otalink keys list"
        case .recipient(let defect): "the stored address cannot be mailed to: \(defect.rawValue)"
        case .composition(let error): "the mail cannot be written: \(error)"
        }
    }
}

extension MailLink {
    fileprivate var url: String {
        switch self {
        case .oneTime(let url, _), .plain(let url): url
        case .unavailable(let text): text
        }
    }
}
