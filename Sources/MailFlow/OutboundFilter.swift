import Catalogue
import Crypto
import Foundation
import LinkActs
import LinkStore
import MailMessage
import OneTimeLinks

/// Puts the customer's link where the tag stands in a mail of the desk's.
public struct OutboundFilter: Sendable {
    private let offer: OfferLink
    private let linkURL: @Sendable (_ token: String) -> String
    private let ticketURL: @Sendable (_ number: TicketNumber) -> String

    /// - Parameters:
    ///   - linkURL: the address that carries a token.
    ///   - ticketURL: the desk's own address of a ticket.
    public init(
        offer: OfferLink, linkURL: @escaping @Sendable (_ token: String) -> String,
        ticketURL: @escaping @Sendable (_ number: TicketNumber) -> String
    ) {
        self.offer = offer
        self.linkURL = linkURL
        self.ticketURL = ticketURL
    }

    /// True if a tag stands in a text of the mail, so that the filter would have something to do. Needs nothing but the mail.
    public static func hasTags(_ message: [UInt8]) -> Bool {
        let reader = MailReader(message)
        return reader.textParts.contains { LinkTag.mayStand(in: Array(reader.text(of: $0).string.utf8)) }
    }

    /// Decides about a mail.
    ///
    /// - Parameters:
    ///   - recipients: as the mail server was told; nil: those that the header names (`sendmail -t`).
    ///   - actor: who asked, for the audit trail.
    /// - Throws: `DeskUnavailable`, or an error of the database; the mail is to be tried again later.
    public func callAsFunction(
        _ message: [UInt8], recipients: [String]?, settings: Settings, actor: String, context: RequestContextFacts
    ) async throws -> FilteredOutboundMail {
        let reader = MailReader(message)
        let to = OutboundRecipients(envelope: recipients, header: reader.header, archive: settings.archiveAddresses)
        let untouched = [OutboundMail(recipients: to.envelope + to.archive, message: message)]
        let texts = reader.textParts.compactMap { TaggedPart($0, in: reader) }
        guard let first = texts.lazy.compactMap(\.first).first ?? texts.first?.tags.first?.tag else {
            return FilteredOutboundMail(mails: untouched, outcome: .untouched)
        }
        if let protection = reader.protection {
            return FilteredOutboundMail(mails: untouched, outcome: .protected(protection))
        }
        let subject = SubjectHook(settings: settings)
            .ticketNumber(in: reader.header.first(named: "Subject")?.decodedValue ?? "")
        var wish = Wish(tag: first, subject: subject)
        // A token only for a place where it belongs, and only for a mail to one person.
        let wantsToken = texts.contains { $0.first != nil } && to.only != nil
        if wantsToken, let number = wish.ticketNumber, let only = to.only {
            let key = Self.mailKey(reader, message, recipient: only, wish: wish)
            wish.answer = try await offer(
                ticketNumber: number, customerLogin: wish.customer, recipient: only, mailKey: key, settings: settings,
                actor: actor, context: context)
        }
        let plain = try rewritten(reader, texts, wish: wish, subject: subject, settings: settings, withToken: false)
        guard case .offered(let link, _) = wish.answer else {
            let mail = OutboundMail(recipients: to.envelope + to.archive, message: plain)
            return FilteredOutboundMail(mails: [mail], outcome: wish.outcome)
        }
        let linked = try rewritten(reader, texts, wish: wish, subject: subject, settings: settings, withToken: true)
        // The archive first: if the second mail fails and the desk repeats both, nobody outside gets one twice.
        let copies = to.archive.isEmpty ? [] : [OutboundMail(recipients: to.archive, message: plain)]
        return FilteredOutboundMail(
            mails: copies + [OutboundMail(recipients: to.envelope, message: linked, link: link)], outcome: .linked)
    }

    private func rewritten(
        _ reader: MailReader, _ texts: [TaggedPart], wish: Wish, subject: TicketNumber?, settings: Settings,
        withToken: Bool
    ) throws(RewritingError) -> [UInt8] {
        var replacements: [[Int]: String] = [:]
        for part in texts {
            replacements[part.part.path] = part.replacing { tag, isQuoted in
                let own = Wish(tag: tag, subject: subject)
                let isSame = own.ticketNumber == wish.ticketNumber && own.customer == wish.customer
                if withToken, isSame, !isQuoted, case .offered(_, let token) = wish.answer {
                    return .url(linkURL(token))
                }
                if isSame, case .refused(_, let customer) = wish.answer, !isQuoted {
                    return .text(Self.failureText(customer, settings))
                }
                return own.ticketNumber.map { .url(ticketURL($0)) } ?? .text(Self.failureText(nil, settings))
            }
        }
        return try reader.replacingTexts(replacements)
    }

    /// `OneTimeAuth::CustomerErrorMessageRefreshFailed`, or the built-in text.
    private static func failureText(_ customer: CustomerUser?, _ settings: Settings) -> String {
        let language = customer?.language ?? settings.text(SettingName.defaultLanguage) ?? "en"
        return Catalogue(for: Language(language) ?? .english)
            .notice(.refreshFailed, text: settings.message(SettingName.messageRefreshFailed, language: language)).text
    }

    /// A mail that comes again has its Message-ID again; one without is known by its bytes.
    private static func mailKey(
        _ reader: MailReader, _ message: [UInt8], recipient: String, wish: Wish
    ) -> [UInt8] {
        var hash = SHA256()
        let words = [
            reader.header.first(named: "Message-ID")?.value ?? "", AddressIdentity.canonical(recipient),
            wish.ticketNumber?.text ?? "", wish.customer ?? "",
        ]
        for word in words {
            hash.update(data: Array(word.utf8) + [0])
        }
        if words[0].isEmpty { hash.update(data: message) }
        return Array(hash.finalize())
    }
}

/// What a tag asks for, and what it gets.
private struct Wish {
    let ticketNumber: TicketNumber?
    /// Nil: the ticket's customer user.
    let customer: String?
    var answer: OfferAnswer?

    init(tag: LinkTag, subject: TicketNumber?) {
        switch tag {
        case .bare: (ticketNumber, customer) = (subject, nil)
        case .explicit(let ticket, let login):
            // The desk writes a hyphen where it has no value.
            ticketNumber = ticket.contains(where: { $0.isLetter || $0.isNumber }) ? TicketNumber(ticket) : nil
            customer = login
        }
    }

    var outcome: OutboundOutcome {
        switch answer {
        case .offered: .linked
        case .plainURL: .plainURL
        case .refused(let refusal, _): .refused(refusal)
        case nil: ticketNumber == nil ? .noTicket : .plainURL
        }
    }
}

/// A text part with tags in it.
private struct TaggedPart {
    let part: MIMEPart
    let tags: [(tag: LinkTag, isQuoted: Bool)]
    private let text: String
    private let isHTML: Bool

    /// Nil if there is no tag, or if the part's bytes do not match its character set, so that it cannot be rewritten without
    /// harm.
    init?(_ part: MIMEPart, in reader: MailReader) {
        let text = reader.text(of: part)
        guard text.isExact else { return nil }
        var tags: [(LinkTag, Bool)] = []
        let isHTML = part.contentType.mediaType == "text/html"
        _ = TaggedText.replacing(in: text.string, isHTML: isHTML) { tag, isQuoted in
            tags.append((tag, isQuoted))
            return .text("")
        }
        if tags.isEmpty { return nil }
        self.part = part
        self.tags = tags
        self.text = text.string
        self.isHTML = isHTML
    }

    /// The first tag that stands where a token may.
    var first: LinkTag? { tags.first { !$0.isQuoted }?.tag }

    func replacing(_ replace: TaggedText.Replace) -> String {
        TaggedText.replacing(in: text, isHTML: isHTML, with: replace) ?? text
    }
}
