import Catalogue
import Foundation
import Logging
import MailMessage

/// The filter for outgoing mail as a desk calls it in place of `sendmail`. It holds no secret key: the service puts the links in.
public struct OutboundCommand: Sendable {
    /// How a mail goes on.
    public struct Way: Sendable {
        /// Asks the service; throws if it cannot be reached or refuses.
        public var filter: @Sendable (_ message: [UInt8], _ recipients: [String]) async throws -> OutboundAnswer
        /// Tells the service that the mail with this link was taken.
        public var reportAcceptance: @Sendable (_ link: String) async throws -> Void
        /// Hands a message to the mail server's `sendmail`; answers its exit code.
        public var submit: @Sendable (_ message: [UInt8], _ arguments: [String]) async throws -> Int32

        public init(
            filter: @escaping @Sendable ([UInt8], [String]) async throws -> OutboundAnswer,
            reportAcceptance: @escaping @Sendable (String) async throws -> Void,
            submit: @escaping @Sendable ([UInt8], [String]) async throws -> Int32
        ) {
            self.filter = filter
            self.reportAcceptance = reportAcceptance
            self.submit = submit
        }
    }

    private let way: Way
    private let failsOpen: Bool
    private let logger: Logger

    /// - Parameter failsOpen: if the service is out of reach, the mail goes out with a sentence in place of the link, rather than
    ///   being tried again.
    public init(way: Way, failsOpen: Bool, logger: Logger) {
        self.way = way
        self.failsOpen = failsOpen
        self.logger = logger
    }

    /// Filters a message that has a tag, and hands on what comes of it.
    ///
    /// - Returns: 0; 75 if the mail is to be handed over again; or the exit code of `sendmail`.
    public func run(_ message: [UInt8], _ arguments: SendmailArguments) async -> Int32 {
        var recipients = arguments.recipients
        // Whom only sendmail finds in the header, only sendmail can mail to; no link is in a mail with such a header.
        var isLeftToSendmail = false
        if arguments.readsHeader {
            let named = OutboundRecipients.named(in: MailReader(message).header)
            recipients = named.addresses + recipients
            isLeftToSendmail = !named.isClear
        }
        do {
            let answer: [OutboundAnswer.Mail]
            do {
                let filtered = try await way.filter(message, recipients)
                logger.info("An outgoing mail was filtered", metadata: ["outcome": "\(filtered.outcome)"])
                answer = filtered.mails
            } catch  where failsOpen {
                logger.error("A mail goes out without its link", metadata: ["error": "\(error)"])
                answer = [.init(recipients: recipients, message: Data(Self.withoutLink(message)), link: nil)]
            }
            for mail in answer {
                let code =
                    if isLeftToSendmail {
                        try await way.submit(Array(mail.message), arguments.all)
                    } else {
                        try await way.submit(
                            arguments.readsHeader ? Self.withoutBcc(mail.message) : Array(mail.message),
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
    private static func withoutBcc(_ message: Data) -> [UInt8] {
        let bytes = Array(message)
        let length = HeaderBlock.length(in: bytes) ?? bytes.count
        var header = HeaderBlock(parsing: bytes[..<length])
        _ = header.remove { $0.lenientName.lowercased() == "bcc" }
        return header.serialised + bytes[length...]
    }

    private static func withoutLink(_ message: [UInt8]) -> [UInt8] {
        let reader = MailReader(message)
        let text = Catalogue(for: .english).notice(.refreshFailed).text
        var replacements: [[Int]: String] = [:]
        for part in reader.textParts {
            let isHTML = part.contentType.mediaType == "text/html"
            replacements[part.path] = TaggedText.replacing(in: reader.text(of: part).string, isHTML: isHTML) { _, _ in
                .text(text)
            }
        }
        return (try? reader.replacingTexts(replacements)) ?? message
    }
}
