import Foundation

/// One client's conversation, without input and output: bytes go in, actions come out (RFC 5321).
struct SMTPSession {
    enum Action: Equatable {
        /// The client has come to this step.
        case note(SMTPScript.Step)
        case reply(String)
        /// A whole mail has come. The reply that follows is the owner's, who knows its number.
        case keep(ReceivedMail, SMTPScript.Fault?)
        /// Half of the reply, and the end.
        case halfReply(String)
        /// Nothing until the sink resumes.
        case pause
        /// Not even a look at what comes, for ever.
        case standStill
        case close
    }

    enum Mode: Equatable {
        case command
        case loginUser
        case loginPassword(user: String)
        case plain
        case message
        /// The conversation is over, or scripted to stand still.
        case ended
    }

    let options: SMTPSinkOptions
    let script: SMTPScript

    var mode = Mode.command
    var hasGreeted = false
    var isAuthenticated = false
    var sender: String?
    var allowsNonASCII = false
    var recipients: [String] = []
    var message = SMTPMessageReader()

    private var buffer: [UInt8] = []
    private var hasNotedMessage = false

    init(options: SMTPSinkOptions, script: SMTPScript) {
        self.options = options
        self.script = script
    }

    /// The greeting, or what the script has in its place.
    mutating func begin() -> [Action] {
        answer(.greeting) { "220 \($0.options.hostName) ESMTP" }
    }

    /// Takes what the client has sent, any number of lines or parts of them.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> [Action] {
        buffer += bytes
        var actions: [Action] = []
        var start = 0
        while mode != .ended, start < buffer.count {
            if mode == .message {
                actions += receiveMessage(&start)
                if mode == .message { break }
            } else if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[start..<end]
                start = end + 1
                actions += receiveLine(line)
            } else if buffer.count - start > 4096 {
                mode = .ended
                actions += [.reply("500 5.5.2 Line too long"), .close]
            } else {
                break
            }
        }
        buffer.removeFirst(mode == .ended ? buffer.count : start)
        return actions
    }

    private mutating func receiveLine(_ line: ArraySlice<UInt8>) -> [Action] {
        let carriageReturn = UInt8(ascii: "\r")
        guard line.last == carriageReturn, !line.dropLast().contains(carriageReturn),
            let text = String(validating: line.dropLast(), as: UTF8.self)
        else { return [.reply("500 5.5.2 A line is UTF-8 and ends with CRLF")] }
        return mode == .command ? receiveCommand(text) : receiveAuthentication(text)
    }

    private mutating func receiveMessage(_ start: inout Int) -> [Action] {
        var actions: [Action] = []
        if !hasNotedMessage {
            hasNotedMessage = true
            actions = startMessage()
            guard mode == .message else { return actions }
        }
        guard message.read(buffer, from: &start, limit: options.maximumMessageSize) else { return actions }
        return actions + endMessage()
    }

    private mutating func startMessage() -> [Action] {
        let fault = script.faults[.message]
        if fault != nil && fault != .pause { mode = .ended }
        let actions: [Action] =
            switch fault {
            case nil: []
            case .reply(let text): [.reply(text), .close]
            case .hang: [.standStill]
            case .pause: [.pause]
            case .cut, .cutMidReply: [.close]
            }
        return [.note(.message)] + actions
    }

    private mutating func endMessage() -> [Action] {
        mode = .command
        let mail = ReceivedMail(envelopeFrom: sender ?? "", recipients: recipients, data: message.data)
        let (hasBareLineEnd, isTooLarge) = (message.hasBareLineEnd, message.isTooLarge)
        resetTransaction()
        if isTooLarge { return [.note(.endOfData), .reply("552 5.3.4 Message too large")] }
        if hasBareLineEnd {
            return [.note(.endOfData), .reply("554 5.6.0 A line of the message does not end with CRLF")]
        }
        let fault = script.faults[.endOfData]
        switch fault {
        case .reply: return answer(.endOfData) { _ in "" }
        case nil, .pause: break
        case .hang, .cut, .cutMidReply: mode = .ended
        }
        return [.note(.endOfData), .keep(mail, fault)]
    }

    mutating func resetTransaction() {
        sender = nil
        allowsNonASCII = false
        recipients = []
        message = SMTPMessageReader()
        hasNotedMessage = false
    }

    /// The ordinary reply of a step, unless the script has something in its place.
    mutating func answer(
        _ step: SMTPScript.Step, _ ordinary: (inout SMTPSession) -> String
    ) -> [Action] {
        [.note(step)] + reply(script.faults[step], ordinary)
    }

    private mutating func reply(
        _ fault: SMTPScript.Fault?, _ ordinary: (inout SMTPSession) -> String
    ) -> [Action] {
        switch fault {
        case nil:
            return [.reply(ordinary(&self))]
        case .pause:
            return [.pause, .reply(ordinary(&self))]
        case .reply(let text):
            guard text.hasPrefix("421") else { return [.reply(text)] }
            mode = .ended
            return [.reply(text), .close]
        case .hang:
            mode = .ended
            return []
        case .cut:
            mode = .ended
            return [.close]
        case .cutMidReply:
            let text = ordinary(&self)
            mode = .ended
            return [.halfReply(text), .close]
        }
    }
}
