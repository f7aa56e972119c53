import IncomingMail
import LinkStore
import Logging
import MailMessage

/// The filter as a mail server calls it: message in, message out, and an exit code.
public struct InboundCommand: Sendable {
    /// The exit codes (sysexits.h).
    public enum ExitCode: Int32, Sendable {
        case ok = 0
        /// `EX_TEMPFAIL`: the mail server keeps the mail and tries again.
        case temporaryFailure = 75
        /// `EX_DATAERR`: the mail server gives the mail back to its sender; a later try would find it no better.
        case refused = 65
    }

    private let filter: @Sendable () async throws -> InboundFilter
    private let spoolDirectory: String
    private let logger: Logger

    /// - Parameters:
    ///   - spoolDirectory: where the unnamed file for the body is made.
    ///   - filter: makes the filter once the mail is complete, so that what fails there keeps the mail too.
    public init(
        spoolDirectory: String, logger: Logger, filter: @escaping @Sendable () async throws -> InboundFilter
    ) {
        self.spoolDirectory = spoolDirectory
        self.logger = logger
        self.filter = filter
    }

    /// Reads a message to its end, decides, and only then writes it on, its body byte for byte.
    ///
    /// The process is to ignore `SIGPIPE`.
    ///
    /// - Parameters:
    ///   - input: descriptor of the message.
    ///   - output: descriptor that the desk's reader reads from; nothing is written before the decision.
    ///   - envelopeSender: what the mail server said; empty: a bounce; nil: unknown.
    ///   - isTrusted: fields that steer the desk stay, except for those that name a customer.
    ///   - failsOpen: if the filter fails, the mail goes on all the same, without forged fields.
    public func run(
        input: Int32 = 0, output: Int32 = 1, envelopeSender: String?, isTrusted: Bool = false,
        failsOpen: Bool = false, context: RequestContextFacts = .none
    ) async -> ExitCode {
        do {
            let message = try MessageStream.read(from: input, spoolingIn: spoolDirectory)
            let filtered: FilteredMail
            do {
                filtered = try await filter()(
                    message.header, envelopeSender: envelopeSender, isTrusted: isTrusted, context: context)
            } catch  where failsOpen {
                logger.error("A mail goes on without being filtered", metadata: ["error": "\(error)"])
                filtered = InboundFilter.undecided(message.header, isTrusted: isTrusted)
            }
            try message.write(header: filtered.header, to: output)
            var metadata: Logger.Metadata = [
                "outcome": "\(filtered.outcome.word)", "removed": "\(filtered.removedFields)",
            ]
            if let source = filtered.answerSource { metadata["answers-known-by"] = "\(source.rawValue)" }
            logger.info("A mail was filtered", metadata: metadata)
            return .ok
        } catch let error as MessageStreamError where error.isPermanent {
            logger.error("A mail is refused for good", metadata: ["error": "\(error)"])
            return .refused
        } catch {
            logger.error("A mail could not be filtered; the mail server keeps it", metadata: ["error": "\(error)"])
            return .temporaryFailure
        }
    }
}
