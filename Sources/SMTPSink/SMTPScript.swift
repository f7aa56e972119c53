/// What the sink does wrong on purpose.
public struct SMTPScript: Sendable {
    /// A point of the conversation.
    public enum Step: String, Sendable, CaseIterable {
        /// The connection has been made.
        case greeting
        /// `EHLO` or `HELO`
        case hello
        /// `AUTH`, and each line that follows it
        case authentication
        /// `MAIL FROM`
        case sender
        /// `RCPT TO`
        case recipient
        /// `DATA`
        case data
        /// The first bytes of the message have come. A fault here that replies does so at once; one that hangs also
        /// stops reading.
        case message
        /// The final dot has come.
        case endOfData
        /// `QUIT`
        case quit
    }

    /// What happens there.
    public enum Fault: Sendable, Equatable {
        /// This reply in place of the ordinary one, and the command is not carried out. After a 421 the connection is
        /// closed.
        case reply(String)
        /// No reply, ever.
        case hang
        /// The ordinary reply, but not before ``SMTPSink/resume()`` is called. Nothing is read meanwhile.
        case pause
        /// The connection is closed without a reply.
        case cut
        /// The connection is closed in the middle of the ordinary reply.
        case cutMidReply
    }

    /// At most one fault for each step. At ``Step/endOfData`` a mail whose reply is lost is kept all the same, as a
    /// server might; one that is refused is not.
    public var faults: [Step: Fault]

    /// Replies to `RCPT TO` for single addresses, such as `"550 5.1.1 No such user"`.
    public var refusedRecipients: [String: String]

    /// Only so many connections meet the faults, later ones none; nil: all do.
    public var faultyConnections: Int?

    /// How long each reply is held back.
    public var delay: Duration?

    /// Whether each mail that has a sender is followed by a bounce: a mail from `<>` to that sender.
    public var bounces: Bool

    /// A script without any argument is that of a server in order.
    public init(
        faults: [Step: Fault] = [:],
        refusedRecipients: [String: String] = [:],
        faultyConnections: Int? = nil,
        delay: Duration? = nil,
        bounces: Bool = false
    ) {
        self.faults = faults
        self.refusedRecipients = refusedRecipients
        self.faultyConnections = faultyConnections
        self.delay = delay
        self.bounces = bounces
    }
}
