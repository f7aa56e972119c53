import Logging
import MailMessage
import OutgoingMail

/// The filter for outgoing mail as a desk calls it in place of `sendmail`. It holds no secret key: the service puts the links in.
public struct OutboundCommand: Sendable {
    /// How a mail goes on.
    public struct Way: Sendable {
        /// Asks the service; throws ``TooLarge`` if the service does not take mails of that size, or something else if it cannot be
        /// reached or refuses. `isTooLarge`: what is sent is what is left of a mail that is too large.
        public var filter:
            @Sendable (_ message: SpooledMessage, _ recipients: [String], _ isTooLarge: Bool) async throws ->
                OutboundAnswer
        /// Tells the service that the mail with this link was taken.
        public var reportAcceptance: @Sendable (_ link: String) async throws -> Void
        /// Hands a message to the mail server's `sendmail`; answers its exit code.
        public var submit: @Sendable (_ message: EditedMessage, _ arguments: [String]) async throws -> Int32

        public init(
            filter: @escaping @Sendable (SpooledMessage, [String], Bool) async throws -> OutboundAnswer,
            reportAcceptance: @escaping @Sendable (String) async throws -> Void,
            submit: @escaping @Sendable (EditedMessage, [String]) async throws -> Int32
        ) {
            self.filter = filter
            self.reportAcceptance = reportAcceptance
            self.submit = submit
        }
    }

    /// The service does not take mails of that size.
    public struct TooLarge: Error {
        public init() {}
    }

    private let way: Way
    private let failsOpen: Bool
    private let directory: String
    private let limit: Int
    private let logger: Logger

    /// - Parameters:
    ///   - failsOpen: if the service is out of reach, the mail goes out with a sentence in place of the link, rather than being
    ///     tried again.
    ///   - directory: where copies of mails are made.
    ///   - limit: the largest mail that the service is asked about as a whole, in bytes.
    public init(
        way: Way, failsOpen: Bool, spoolDirectory directory: String, limit: Int = SpooledMessage.standardLimit,
        logger: Logger
    ) {
        self.way = way
        self.failsOpen = failsOpen
        self.directory = directory
        self.limit = limit
        self.logger = logger
    }

    /// Filters a message that has a tag, and hands on what comes of it.
    ///
    /// - Returns: 0; 75 if the mail is to be handed over again; or the exit code of `sendmail`.
    public func run(_ message: SpooledMessage, _ arguments: SendmailArguments) async -> Int32 {
        do {
            var recipients = arguments.recipients
            // Whom only sendmail finds in the header, only sendmail can mail to; no link is in a mail with such a header.
            var isLeftToSendmail = false
            if arguments.readsHeader {
                let named = OutboundRecipients.named(in: try MessageOutline(of: message).header)
                recipients = named.addresses + recipients
                isLeftToSendmail = !named.isClear
            }
            for mail in try await answer(message, recipients).mails {
                let code =
                    if isLeftToSendmail {
                        try await way.submit(mail.message, arguments.all)
                    } else {
                        try await way.submit(
                            arguments.readsHeader ? withoutBcc(mail.message) : mail.message,
                            arguments.arguments(for: mail.recipients))
                    }
                guard code == 0 else { return code }
                if let link = mail.link { await report(link) }
            }
            return 0
        } catch {
            logger.error(
                "An outgoing mail could not be filtered; it is to be tried again", metadata: ["error": "\(error)"])
            return 75
        }
    }

    private func answer(_ message: SpooledMessage, _ recipients: [String]) async throws -> OutboundAnswer {
        do {
            var answer: OutboundAnswer
            do {
                guard message.length <= limit else { throw TooLarge() }
                answer = try await way.filter(message, recipients, false)
            } catch is TooLarge {
                answer = try await answerWithoutLink(message, recipients)
            }
            logger.info("An outgoing mail was filtered", metadata: ["outcome": "\(answer.outcome)"])
            for warning in answer.warnings {
                logger.warning(
                    "\((OutboundWarning(rawValue: warning) ?? .tooLarge).sentence)",
                    metadata: ["reason": "\(warning)", "bytes": "\(message.length)"])
            }
            return answer
        } catch  where failsOpen {
            logger.error("A mail goes out without its link", metadata: ["error": "\(error)"])
            return try withSentence(message, recipients)
        }
    }

    /// A mail that is too large for a link is never put off for that: the service is asked about its header and its texts alone, for
    /// the plain address. If that cannot be had either, a sentence stands in its place.
    private func answerWithoutLink(_ message: SpooledMessage, _ recipients: [String]) async throws -> OutboundAnswer {
        guard let digest = try? OutboundDigest(of: message) else { return try withSentence(message, recipients) }
        do {
            let answer = try await way.filter(digest.message, recipients, true)
            // A service that knows no edits answers with a whole mail, and the attachments are not in it.
            guard answer.isInEdits else { return try withSentence(message, recipients) }
            let sentences = try OutboundFilter.withoutLinksInLongTexts(message)
            let mails = try answer.mails.map { mail in
                guard let edits = digest.edits(mail.message.edits) else { throw MessageEditError() }
                let all = (edits + sentences).sorted { $0.range.lowerBound < $1.range.lowerBound }
                return OutboundAnswer.Mail(
                    recipients: mail.recipients, message: try EditedMessage(message, edits: all), link: mail.link)
            }
            return OutboundAnswer(outcome: answer.outcome, warnings: answer.warnings, mails: mails)
        } catch is TooLarge {
            return try withSentence(message, recipients)
        } catch is MessageEditError {
            return try withSentence(message, recipients)
        }
    }

    private func withSentence(_ message: SpooledMessage, _ recipients: [String]) throws -> OutboundAnswer {
        let edits = (try? OutboundFilter.withoutLinks(message)) ?? []
        let mail = OutboundAnswer.Mail(
            recipients: recipients, message: try EditedMessage(message, edits: edits), link: nil)
        return OutboundAnswer(outcome: "without-link", warnings: [], mails: [mail])
    }

    /// The link works without it too, once it is clicked; until then an older one stays the active one.
    private func report(_ link: String) async {
        do {
            try await way.reportAcceptance(link)
        } catch {
            logger.warning(
                "The service was not told that a mail was taken", metadata: ["link": "\(link)", "error": "\(error)"])
        }
    }

    /// `sendmail -t` takes the field out; with the recipients as arguments, that is for us to do.
    private func withoutBcc(_ message: EditedMessage) throws -> EditedMessage {
        try message.removingFields(spoolingIn: directory) { $0.lenientName == "bcc" }
    }
}
