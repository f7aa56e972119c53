import Catalogue
import Crypto
import Foundation
import MailMessage
import OneTimeLinks

/// Puts the customer's link where the tag stands in a mail of the desk's.
public struct OutboundFilter: Sendable {
    /// Makes the link that a mail is to carry, or says what the mail gets instead.
    public typealias Offer = @Sendable (LinkOffer) async throws -> OfferAnswer

    private let offer: Offer
    private let linkURL: @Sendable (_ token: String) -> String
    private let ticketURL: @Sendable (_ number: TicketNumber) -> String
    private let work: MailWork

    /// - Parameters:
    ///   - linkURL: the address that carries a token.
    ///   - ticketURL: the desk's own address of a ticket.
    ///   - work: where mails are read.
    public init(
        offer: @escaping Offer, linkURL: @escaping @Sendable (_ token: String) -> String,
        ticketURL: @escaping @Sendable (_ number: TicketNumber) -> String, work: MailWork
    ) {
        self.offer = offer
        self.linkURL = linkURL
        self.ticketURL = ticketURL
        self.work = work
    }

    /// True if a tag stands in a text of the mail, so that the filter would have something to do. Needs nothing but the mail.
    ///
    /// - Throws: `MessageStreamError` if the mail's file cannot be read.
    public static func hasTags(_ message: SpooledMessage) throws -> Bool {
        try look(at: message).hasTags
    }

    /// The same, and whether something in the mail could not be read, so that a tag in it would stay.
    ///
    /// - Throws: `MessageStreamError` if the mail's file cannot be read.
    public static func look(at message: SpooledMessage) throws -> (hasTags: Bool, isPartlyUnread: Bool) {
        let texts = try OutboundTexts(message)
        return (texts.hasTags, texts.isPartlyUnread)
    }

    /// The edits that put a sentence in the place of every tag, for a mail that no service can be asked about.
    ///
    /// - Throws: `MessageStreamError` if the mail's file cannot be read.
    public static func withoutLinks(_ message: SpooledMessage) throws -> [MessageEdit] {
        let text = Catalogue(for: .english).notice(.refreshFailed).text
        let texts = try OutboundTexts(message)
        return texts.protection == nil ? try texts.edits { _, _ in .text(text) } : []
    }

    /// The same for those tags alone that stand in texts too long to be sent to a service.
    package static func withoutLinksInLongTexts(_ message: SpooledMessage) throws -> [MessageEdit] {
        let text = Catalogue(for: .english).notice(.refreshFailed).text
        let texts = try OutboundTexts(message)
        return texts.protection == nil ? texts.longTexts.map { $0.edit(.text(text)) } : []
    }

    /// Decides about a mail: message and recipients in, edits and a verdict out.
    ///
    /// - Parameters:
    ///   - recipients: as the mail server was told; nil: those that the header names (`sendmail -t`).
    ///   - isTooLarge: the message is what is left of a mail that is too large to be looked at as a whole. It gets no token.
    /// - Throws: `MessageStreamError`, or what the offering of a link threw; the mail is to be tried again later.
    public func callAsFunction(
        _ message: SpooledMessage, recipients: [String]?, isTooLarge: Bool = false, settings: Settings
    ) async throws -> FilteredOutboundMail {
        let texts = try await work { try OutboundTexts(message) }
        let to = OutboundRecipients(envelope: recipients, header: texts.header, archive: settings.archiveAddresses)
        let all = to.envelope + to.archive
        func answer(_ outcome: OutboundOutcome, _ edits: [MessageEdit] = []) -> FilteredOutboundMail {
            FilteredOutboundMail(
                message: message, mails: [OutboundMail(recipients: all, edits: edits)], outcome: outcome,
                warnings: warnings(texts, isTooLarge && outcome != .untouched))
        }
        let tags = texts.texts.flatMap { $0.tags.map { $0.tag } } + texts.longTexts.map { $0.tag }
        guard let first = texts.texts.lazy.compactMap(\.first).first ?? tags.first else { return answer(.untouched) }
        if let protection = texts.protection { return answer(.protected(protection)) }
        let subject = SubjectHook(settings: settings)
            .ticketNumber(in: texts.header.first(named: "Subject")?.decodedValue ?? "")
        var request = TagRequest(tag: first, subject: subject)
        // A token only for a place where it belongs, and only for a mail to one person.
        let wantsToken = !isTooLarge && texts.texts.contains { $0.first != nil } && to.only != nil
        if wantsToken, let number = request.ticketNumber, let only = to.only {
            let key = try await mailKey(texts.header, message, recipient: only, request: request)
            request.answer = try await offer(
                LinkOffer(ticketNumber: number, customerLogin: request.customer, recipient: only, mailKey: key))
        }
        let decided = request
        let plain = try await work {
            try edits(texts, request: decided, subject: subject, settings: settings, withToken: false)
        }
        guard case .offered(let link, _) = request.answer else { return answer(request.outcome, plain) }
        let linked = try await work {
            try edits(texts, request: decided, subject: subject, settings: settings, withToken: true)
        }
        // The archive first: if the second mail fails and the desk repeats both, nobody outside gets one twice.
        let copies = to.archive.isEmpty ? [] : [OutboundMail(recipients: to.archive, edits: plain)]
        return FilteredOutboundMail(
            message: message, mails: copies + [OutboundMail(recipients: to.envelope, edits: linked, link: link)],
            outcome: .linked, warnings: warnings(texts, isTooLarge))
    }

    private func warnings(_ texts: OutboundTexts, _ isTooLarge: Bool) -> [OutboundWarning] {
        (isTooLarge ? [.tooLarge] : []) + (texts.longTexts.isEmpty ? [] : [.longText])
            + (texts.isPartlyUnread ? [.unread] : [])
    }

    private func edits(
        _ texts: OutboundTexts, request: TagRequest, subject: TicketNumber?, settings: Settings, withToken: Bool
    ) throws(RewritingError) -> [MessageEdit] {
        try texts.edits { tag, isQuoted in
            let own = TagRequest(tag: tag, subject: subject)
            let isSame = own.ticketNumber == request.ticketNumber && own.customer == request.customer
            if withToken, isSame, !isQuoted, case .offered(_, let token) = request.answer {
                return .url(linkURL(token))
            }
            if isSame, case .refused(_, let customer) = request.answer, !isQuoted {
                return .text(Self.failureText(customer, settings))
            }
            return own.ticketNumber.map { .url(ticketURL($0)) } ?? .text(Self.failureText(nil, settings))
        }
    }

    /// `OneTimeAuth::CustomerErrorMessageRefreshFailed`, or the built-in text. The mail around it is the desk's and in the customer's
    /// language, so a text that was set for a language without a catalogue has its place here.
    private static func failureText(_ customer: CustomerUser?, _ settings: Settings) -> String {
        let name = customer?.language ?? settings.text(SettingName.defaultLanguage) ?? "en"
        let language = Language(name) ?? .english
        return Catalogue(for: language)
            .notice(.refreshFailed, text: settings.message(SettingName.messageRefreshFailed, language: language.tag))
            .text
    }

    /// A mail that comes again has its Message-ID again; one without is known by its bytes.
    private func mailKey(
        _ header: HeaderBlock, _ message: SpooledMessage, recipient: String, request: TagRequest
    ) async throws -> [UInt8] {
        let words = [
            header.first(named: "Message-ID")?.value ?? "", AddressIdentity.canonical(recipient),
            request.ticketNumber?.text ?? "", request.customer ?? "",
        ]
        return try await work {
            var hash = SHA256()
            for word in words {
                hash.update(data: Array(word.utf8) + [0])
            }
            if words[0].isEmpty {
                try message.forEachChunk(in: 0..<message.length) { chunk throws(MessageStreamError) in
                    hash.update(data: chunk)
                }
            }
            return Array(hash.finalize())
        }
    }
}

/// What a tag asks for, and what it gets.
private struct TagRequest: Sendable {
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
        case .limited: .limited
        case .refused(let refusal, _): .refused(refusal)
        case nil: ticketNumber == nil ? .noTicket : .plainURL
        }
    }
}
