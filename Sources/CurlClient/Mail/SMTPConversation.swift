/// Follows the dialogue with an SMTP server line by line: what was asked last, and what the server replied. It keeps
/// no line that was sent, so that nothing of an authentication can leave it.
struct SMTPConversation: Sendable {
    struct Reply: Sendable, Equatable {
        var code: Int
        /// The texts of its lines, joined by spaces.
        var text: String
    }

    /// Why the conversation must not go on.
    enum Objection: Sendable {
        case noAuthentication
        case noSMTPUTF8
        case replyTooLong
    }

    /// What the client waits for.
    private(set) var stage = MailSubmissionError.Stage.greeting

    /// The reply to what was sent last, once it is complete.
    private(set) var reply: Reply?

    /// The positive reply to the final dot.
    private(set) var acceptance: Reply?

    private(set) var objection: Objection?

    /// Whether the server has said anything at all.
    private(set) var hasBegun = false

    /// Whether the client has taken its leave; what comes then is of no interest.
    private(set) var isQuitting = false

    private let requiresAuthentication: Bool
    private let requiresSMTPUTF8: Bool
    private var hasAuthenticated = false
    private var extensions: Set<String> = []
    private var replyLines: [String] = []
    /// Of all that came since the client said something, lines that are no reply included.
    private var replyLength = 0

    /// In bytes. A server that offers a hundred extensions needs a tenth of it.
    static let longestReply = 64 << 10

    init(requiresAuthentication: Bool = false, requiresSMTPUTF8: Bool = false) {
        self.requiresAuthentication = requiresAuthentication
        self.requiresSMTPUTF8 = requiresSMTPUTF8
    }

    /// A command has been sent.
    mutating func sent(_ command: some Collection<UInt8>) {
        // What answers 334 is a secret that may look like any command.
        let isAnswer = stage == .authentication && reply?.code == 334
        let verb = isAnswer ? "" : command.verb
        guard verb != "QUIT" else {
            // The reply before it is the one that counts.
            isQuitting = true
            return
        }
        // libcurl tries HELO after any refusal of EHLO, this one included, and then loses the connection.
        if verb == "HELO", reply?.code == 421 { return }
        reply = nil
        replyLines = []
        replyLength = 0
        switch verb {
        case "EHLO", "HELO":
            stage = .hello
            extensions = []
        case "STARTTLS":
            stage = .tls
        case "AUTH":
            stage = .authentication
            hasAuthenticated = true
        case "MAIL":
            stage = .sender
            if requiresAuthentication && !hasAuthenticated { objection = .noAuthentication }
            if requiresSMTPUTF8 && !extensions.contains("SMTPUTF8") { objection = .noSMTPUTF8 }
        case "RCPT":
            stage = .recipient
        case "DATA":
            stage = .data
        default:
            break
        }
    }

    /// Some bytes of the message are about to be sent.
    mutating func messageBegan() {
        // The reply to DATA was positive, and is over.
        reply = nil
    }

    /// All bytes of the message have been sent, and the final dot is about to be.
    mutating func messageEnded() {
        stage = .endOfData
        reply = nil
        replyLines = []
        replyLength = 0
    }

    /// A line of a reply has come (RFC 5321, section 4.2).
    mutating func received(_ line: some Collection<UInt8>) {
        hasBegun = true
        replyLength += line.count
        guard replyLength <= Self.longestReply else {
            objection = .replyTooLong
            return
        }
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
        guard !isQuitting, let code = Int(text.prefix(3)), (200...599).contains(code) else { return }
        let words = text.dropFirst(4)
        if stage == .hello, let keyword = words.split(separator: " ").first {
            extensions.insert(keyword.uppercased())
        }
        replyLines.append(String(words))
        guard text.utf8.dropFirst(3).first != UInt8(ascii: "-") else { return }
        let reply = Reply(code: code, text: replyLines.joined(separator: " "))
        replyLines = []
        self.reply = reply
        if stage == .endOfData, (200...299).contains(code) { acceptance = reply }
    }
}

extension Collection<UInt8> {
    /// The letters that a command begins with, in upper case.
    fileprivate var verb: String {
        let isLetter = { (byte: UInt8) in (0x41...0x5A).contains(byte & 0xDF) }
        return String(decoding: prefix(while: isLetter).prefix(9).map { $0 & 0xDF }, as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmingLineEnd: Substring {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}
