import Foundation

extension SMTPSession {
    mutating func receiveCommand(_ line: String) -> [Action] {
        let verb = line.prefix { $0 != " " }.uppercased()
        let argument = line.dropFirst(verb.count).trimmingCharacters(in: .whitespaces)
        switch verb {
        case "EHLO", "HELO":
            return answer(.hello) { $0.greet(isExtended: verb == "EHLO") }
        case "AUTH":
            return authenticate(argument)
        case "MAIL":
            return answer(.sender) { $0.takeSender(argument) }
        case "RCPT":
            return answer(.recipient) { $0.takeRecipient(argument) }
        case "DATA":
            return answer(.data) { $0.beginMessage() }
        case "RSET":
            resetTransaction()
            return [.reply("250 2.0.0 Ok")]
        case "NOOP":
            return [.reply("250 2.0.0 Ok")]
        case "VRFY":
            return [.reply("252 2.1.5 Send some mail and see")]
        case "QUIT":
            let actions = answer(.quit) { _ in "221 2.0.0 Bye" }
            guard mode != .ended else { return actions }
            mode = .ended
            return actions + [.close]
        default:
            return [.reply("502 5.5.2 Command not known here")]
        }
    }

    private mutating func greet(isExtended: Bool) -> String {
        hasGreeted = true
        resetTransaction()
        guard isExtended else { return "250 \(options.hostName)" }
        var lines = [options.hostName, "PIPELINING", "SIZE \(options.maximumMessageSize)", "8BITMIME"]
        if options.supportsSMTPUTF8 { lines.append("SMTPUTF8") }
        if options.credentials != nil { lines.append("AUTH PLAIN LOGIN") }
        lines.append("ENHANCEDSTATUSCODES")
        let last = lines.removeLast()
        return lines.map { "250-\($0)\r\n" }.joined() + "250 \(last)"
    }

    private mutating func takeSender(_ argument: String) -> String {
        guard hasGreeted else { return "503 5.5.1 Say EHLO first" }
        guard options.credentials == nil || isAuthenticated else { return "530 5.7.0 Authentication required" }
        guard sender == nil else { return "503 5.5.1 There is a sender already" }
        guard let path = Path(argument, keyword: "FROM") else { return "501 5.5.4 Syntax: MAIL FROM:<address>" }
        var usesSMTPUTF8 = false
        for parameter in path.parameters {
            switch parameter.name {
            case "BODY" where ["7BIT", "8BITMIME"].contains(parameter.value.uppercased()):
                break
            case "SMTPUTF8" where options.supportsSMTPUTF8:
                usesSMTPUTF8 = true
            case "AUTH":
                break
            case "SIZE":
                guard let size = Int(parameter.value) else { return "501 5.5.4 SIZE is a number" }
                guard size <= options.maximumMessageSize else { return "552 5.3.4 Message too large" }
            default:
                return "555 5.5.4 Parameter not known here"
            }
        }
        guard usesSMTPUTF8 || path.address.utf8.allSatisfy({ $0 < 0x80 }) else {
            return "553 5.6.7 The address needs SMTPUTF8"
        }
        allowsNonASCII = usesSMTPUTF8
        sender = path.address
        return "250 2.1.0 Ok"
    }

    private mutating func takeRecipient(_ argument: String) -> String {
        guard sender != nil else { return "503 5.5.1 Say MAIL FROM first" }
        guard let path = Path(argument, keyword: "TO"), !path.address.isEmpty else {
            return "501 5.5.4 Syntax: RCPT TO:<address>"
        }
        guard path.parameters.isEmpty else { return "555 5.5.4 Parameter not known here" }
        guard allowsNonASCII || path.address.utf8.allSatisfy({ $0 < 0x80 }) else {
            return "553 5.6.7 The address needs SMTPUTF8"
        }
        if let refusal = script.refusedRecipients[path.address] { return refusal }
        recipients.append(path.address)
        return "250 2.1.5 Ok"
    }

    private mutating func beginMessage() -> String {
        guard !recipients.isEmpty else { return "503 5.5.1 Say RCPT TO first" }
        mode = .message
        return "354 End data with <CR><LF>.<CR><LF>"
    }
}

/// The argument of `MAIL` and `RCPT`: `FROM:<address> NAME=value ...`
private struct Path {
    let address: String
    let parameters: [(name: String, value: String)]

    init?(_ argument: String, keyword: String) {
        let head = keyword + ":"
        guard argument.prefix(head.count).uppercased() == head else { return nil }
        let rest = argument.dropFirst(head.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        address = String(rest[rest.index(after: rest.startIndex)..<end])
        let tail = rest[rest.index(after: end)...]
        guard tail.isEmpty || tail.first == " ", !address.contains(" ") else { return nil }
        parameters = tail.split(separator: " ").map { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1)
            return (parts.first.map { $0.uppercased() } ?? "", parts.count > 1 ? String(parts[1]) : "")
        }
    }
}
