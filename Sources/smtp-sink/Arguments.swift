import ArgumentParser
import SMTPSink

/// `host:port`; an IPv6 address in brackets.
struct ListenAddress: ExpressibleByArgument {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    var defaultValueDescription: String { "\(host):\(port)" }
}

/// `user:password`
struct Credentials: ExpressibleByArgument {
    let user: String
    let password: String

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        user = String(parts[0])
        password = String(parts[1])
    }
}

/// `step=reply`
struct Refusal: ExpressibleByArgument {
    let step: SMTPScript.Step
    let reply: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let step = SMTPScript.Step(rawValue: String(parts[0])),
            let code = Int(parts[1].prefix(3)), (400...599).contains(code)
        else { return nil }
        self.step = step
        self.reply = String(parts[1])
    }
}
