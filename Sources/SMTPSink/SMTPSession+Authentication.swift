import Foundation

extension SMTPSession {
    /// `AUTH` (RFC 4954) with the mechanisms `PLAIN` (RFC 4616) and `LOGIN`.
    mutating func authenticate(_ argument: String) -> [Action] {
        answer(.authentication) { session in
            guard session.options.credentials != nil else { return "502 5.5.1 Authentication is not offered" }
            guard session.hasGreeted, !session.isAuthenticated, session.sender == nil else {
                return "503 5.5.1 Not now"
            }
            let parts = argument.split(separator: " ", maxSplits: 1).map(String.init)
            switch (parts.first?.uppercased(), parts.count > 1 ? parts[1] : nil) {
            case ("PLAIN", let response?):
                return session.checkPlain(response)
            case ("PLAIN", nil):
                session.mode = .plain
                return "334 "
            case ("LOGIN", let user?):
                return session.takeLoginUser(user)
            case ("LOGIN", nil):
                session.mode = .loginUser
                return "334 VXNlcm5hbWU6"
            default:
                return "504 5.5.4 Mechanism not known here"
            }
        }
    }

    /// A line after a 334.
    mutating func receiveAuthentication(_ line: String) -> [Action] {
        let mode = mode
        self.mode = .command
        if line == "*" { return [.reply("501 5.7.0 Authentication given up")] }
        return answer(.authentication) { session in
            switch mode {
            case .loginUser: session.takeLoginUser(line)
            case .loginPassword(let user): session.check(user: user, password: decoded(line))
            default: session.checkPlain(line)
            }
        }
    }

    private mutating func takeLoginUser(_ response: String) -> String {
        guard let user = decoded(response) else { return "501 5.5.2 Not base64" }
        mode = .loginPassword(user: user)
        return "334 UGFzc3dvcmQ6"
    }

    private mutating func checkPlain(_ response: String) -> String {
        let parts = decoded(response)?.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        guard let parts, parts.count == 3 else { return "501 5.5.2 Malformed response" }
        return check(user: parts[1], password: parts[2])
    }

    private mutating func check(user: String, password: String?) -> String {
        guard user == options.credentials?.user, password == options.credentials?.password else {
            return "535 5.7.8 Authentication failed"
        }
        isAuthenticated = true
        return "235 2.7.0 Ok"
    }
}

/// Text from base64; `=` stands for an empty response.
private func decoded(_ text: String) -> String? {
    text == "=" ? "" : Data(base64Encoded: text).flatMap { String(data: $0, encoding: .utf8) }
}
