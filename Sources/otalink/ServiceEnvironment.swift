import ArgumentParser
import CurlClient
import Foundation
import LinkService
import Logging
import MailMessage
import OneTimeLinks
import PostgresClient
import TicketSystem

/// The configuration in the environment. What is missing or does not fit is refused with one line that says what to do.
struct ServiceEnvironment {
    private let variables: [String: String]

    /// An empty variable counts as none: container managers hand on empty what nobody has set.
    init(_ variables: [String: String] = ProcessInfo.processInfo.environment) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    /// Whether a variable, or the one that names a file with its value, is there.
    func isSet(_ name: String) -> Bool {
        variables[name] != nil || variables[name + "_FILE"] != nil
    }

    func database(for work: WorkKind, direct: Bool = false) throws -> PostgresConfiguration {
        let direct = direct ? try secret("OTALINK_DATABASE_DIRECT_URL") : nil
        var configuration = PostgresConfiguration(
            url: try direct ?? secret("OTALINK_DATABASE_URL")
                ?? required("OTALINK_DATABASE_URL", example: "postgresql://otalink@db.example.org/otalink"),
            work: work)
        if let text = variables["OTALINK_DATABASE_CONNECTIONS"] {
            guard let connections = Int(text), (1...100).contains(connections) else {
                throw ValidationError("OTALINK_DATABASE_CONNECTIONS must be a number from 1 to 100.")
            }
            configuration.connections = connections
        }
        configuration.usesPreparedStatements = usesPreparedStatements
        return configuration
    }

    /// False behind a pooler that cannot keep them.
    var usesPreparedStatements: Bool { variables["OTALINK_DATABASE_PREPARED"] != "0" }

    /// Nil: there is no database of the desk's that we can reach.
    func customerDatabase(for work: WorkKind) throws -> PostgresConfiguration? {
        guard let url = try secret("OTALINK_CUSTOMER_DATABASE_URL") else { return nil }
        return PostgresConfiguration(
            url: url, connections: 2, work: work, usesPreparedStatements: usesPreparedStatements)
    }

    /// How long a replica goes on answering after SIGTERM, while it calls itself not ready.
    func drainTime() throws -> Duration {
        .seconds(try seconds("OTALINK_DRAIN_SECONDS", within: 0...300, default: 3))
    }

    /// The zone of the times that the desk writes.
    var deskTimeZone: TimeZone {
        get throws {
            guard let zone = TimeZone(identifier: variables["OTALINK_DESK_TIME_ZONE"] ?? "UTC") else {
                throw ValidationError("OTALINK_DESK_TIME_ZONE names no time zone. Use a name such as Europe/Berlin.")
            }
            return zone
        }
    }

    func keyRing() throws -> KeyRing {
        guard let text = try secret("OTALINK_SECRET_KEYS") else {
            throw ValidationError(
                "There is no secret key. Make one with \"otalink keys generate\" and name it in OTALINK_SECRET_KEYS, "
                    + "or its file in OTALINK_SECRET_KEYS_FILE.")
        }
        return try KeyRing(text: text)
    }

    func baseURL() throws -> BaseURL {
        try BaseURL(required("OTALINK_BASE_URL", example: "https://tickets.example.org"))
    }

    func desk() throws -> OTOBOConfiguration {
        let zone = try deskTimeZone
        return OTOBOConfiguration(
            url: try deskURL(), login: try deskLogin(), password: try deskPassword(), timeZone: zone,
            requestTimeout: .seconds(try seconds("OTALINK_DESK_TIMEOUT_SECONDS", within: 1...60, default: 3)))
    }

    /// What is not set of the variables without which the desk cannot be asked.
    var missingDeskVariables: [String] {
        ["OTALINK_DESK_URL", "OTALINK_DESK_LOGIN", "OTALINK_DESK_PASSWORD"].filter { !isSet($0) }
    }

    private func deskURL() throws -> String {
        try secretBearing(
            "OTALINK_DESK_URL", example: "https://desk.example.org/otobo/nph-genericinterface.pl/Webservice/otalink",
            carries: "the agent's password")
    }

    /// The address of something that is sent a secret with each call: https, or http where nobody can listen.
    private func secretBearing(_ name: String, example: String, carries secret: String) throws -> String {
        let url = try required(name, example: example)
        guard url.lowercased().hasPrefix("http://"), variables["OTALINK_ALLOW_PLAIN_HTTP"] != "1",
            !BaseURL.isLoopback(URL(string: url)?.host() ?? "")
        else { return url }
        throw ValidationError(
            "\(name) is http, and \(secret) would cross the network in the clear. Use https, or set "
                + "OTALINK_ALLOW_PLAIN_HTTP=1 if the network between is yours alone.")
    }

    private func deskLogin() throws -> String { try required("OTALINK_DESK_LOGIN", example: "otalink") }

    private func deskPassword() throws -> String {
        guard let password = try secret("OTALINK_DESK_PASSWORD") else {
            throw ValidationError("OTALINK_DESK_PASSWORD or OTALINK_DESK_PASSWORD_FILE is missing.")
        }
        return password
    }

    func deskTicketURL() throws -> String {
        try required(
            "OTALINK_DESK_TICKET_URL",
            example: "https://desk.example.org/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=")
    }

    func mailServer() throws -> MailServer {
        try MailServer(
            url: required("OTALINK_SMTP_URL", example: "smtp://otalink@mail.example.org:587"),
            password: try secret("OTALINK_SMTP_PASSWORD"), certificateAuthorityFile: certificateAuthorityFile)
    }

    /// Where bounces of our mails go; nil: to their author.
    func mailEnvelopeSender() throws -> String? {
        guard let text = variables["OTALINK_MAIL_ENVELOPE_FROM"], !text.isEmpty else { return nil }
        guard let address = try? MailAddress(text) else {
            throw ValidationError("OTALINK_MAIL_ENVELOPE_FROM is no mail address. Write it like: bounces@example.org")
        }
        return address.address
    }

    func mailSender() throws -> MailAddress {
        let text = try required("OTALINK_MAIL_FROM", example: "Help Desk <support@example.org>")
        let header = HeaderBlock(parsing: Array("From: \(text)\r\n\r\n".utf8))
        guard case .sender(let sender) = SenderRule.verdict(for: header) else {
            throw ValidationError(
                "OTALINK_MAIL_FROM is no mail address. Write it like: Help Desk <support@example.org>")
        }
        return sender
    }

    /// The service, for commands on other hosts.
    func serviceURL() throws -> String {
        var url = try secretBearing(
            "OTALINK_SERVICE_URL", example: "https://tickets.example.org", carries: "the API key and every mail")
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    func apiKey() throws -> String {
        guard let key = try secret("OTALINK_API_KEY") else {
            throw ValidationError(
                "OTALINK_API_KEY or OTALINK_API_KEY_FILE is missing. Make a key with: otalink api-key create desk-mail "
                    + "--scope mail:outbound")
        }
        return key
    }

    var sendmail: String { variables["OTALINK_SENDMAIL"] ?? "/usr/sbin/sendmail" }

    /// Names this replica in claims and runs.
    var replicaName: String {
        variables["OTALINK_REPLICA_NAME"]
            ?? "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"
    }

    func listenAddress() throws -> (host: String, port: Int) {
        try address("OTALINK_LISTEN", example: "127.0.0.1:8080", variables["OTALINK_LISTEN"] ?? "127.0.0.1:8080")
    }

    /// Where metrics are to be had; nil: nowhere.
    func adminListenAddress() throws -> (host: String, port: Int)? {
        guard let text = variables["OTALINK_ADMIN_LISTEN"], !text.isEmpty else { return nil }
        return try address("OTALINK_ADMIN_LISTEN", example: "127.0.0.1:9090", text)
    }

    private func address(_ name: String, example: String, _ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port), colon > text.startIndex
        else { throw ValidationError("\(name) must be an address and a port, such as \(example).") }
        return (text[..<colon].trimmingCharacters(in: ["[", "]"]), port)
    }

    /// Where this machine's replica answers, for somebody on the same machine.
    func ownURL() throws -> String {
        var (host, port) = try listenAddress()
        if host == "0.0.0.0" { host = "127.0.0.1" }
        if host == "::" { host = "::1" }
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// The hosts under which customers may come.
    func hosts() throws -> OurHosts {
        let others = try (variables["OTALINK_HOSTS"] ?? "").split(separator: ",").map { part in
            guard let name = HostName(part.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError(
                    "OTALINK_HOSTS names something that is no host: \(part). Write it like: www.example.org, help.example.org"
                )
            }
            return name
        }
        return OurHosts(baseURL: try baseURL(), others: others)
    }

    /// Whose `X-Forwarded-For` and `X-Forwarded-Host` are believed.
    func trustedProxies() throws -> [AddressRange] {
        try (variables["OTALINK_TRUSTED_PROXIES"] ?? "").split(separator: ",").map { part in
            guard let range = AddressRange(part.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError(
                    "OTALINK_TRUSTED_PROXIES names something that is neither an address nor a network. Write it like: "
                        + "10.0.0.0/8, 2001:db8::1")
            }
            return range
        }
    }

    /// Nil: as the command has it.
    var logLevel: Logger.Level? {
        get throws {
            guard let text = variables["OTALINK_LOG_LEVEL"], !text.isEmpty else { return nil }
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("OTALINK_LOG_LEVEL is none of debug, info, notice, warning, error.")
            }
            return level
        }
    }

    var logsJSON: Bool {
        get throws {
            switch variables["OTALINK_LOG_FORMAT"] ?? "text" {
            case "text": false
            case "json": true
            default: throw ValidationError("OTALINK_LOG_FORMAT is neither text nor json.")
            }
        }
    }

    /// Where mails lie while they are looked at; nil: none was named.
    func spoolDirectory() throws -> String? {
        guard let path = variables["OTALINK_SPOOL_DIRECTORY"] else { return nil }
        guard (try? MessageSpool(directory: path)) != nil else {
            throw ValidationError(
                "OTALINK_SPOOL_DIRECTORY names no directory in which files can be made: \(path)")
        }
        return path
    }

    /// For the desk and the mail server.
    var certificateAuthorityFile: String? { variables["OTALINK_CA_FILE"] }

    private func required(_ name: String, example: String) throws -> String {
        guard let value = variables[name], !value.isEmpty else {
            throw ValidationError("\(name) is missing. Set it to something like: \(example)")
        }
        return value
    }

    private func seconds(_ name: String, within range: ClosedRange<Int>, default usual: Int) throws -> Int {
        guard let text = variables[name], !text.isEmpty else { return usual }
        guard let seconds = Int(text), range.contains(seconds) else {
            throw ValidationError("\(name) must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return seconds
    }

    /// From the variable, or from the file that NAME_FILE names. An empty file counts as none.
    private func secret(_ name: String) throws -> String? {
        if let value = variables[name], !value.isEmpty { return value }
        guard let path = variables["\(name)_FILE"], !path.isEmpty else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("The file that \(name)_FILE names cannot be read: \(path)")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}

extension ServiceEnvironment {
    /// Looks at everything that a replica needs before it starts, so that whoever sets one up is told all at once.
    func check() throws {
        let questions: [() throws -> Any] = [
            { try database(for: .page) }, { try database(for: .job, direct: true) },
            { try customerDatabase(for: .page) as Any },
            { try keyRing() }, { try baseURL() }, { try listenAddress() }, { try adminListenAddress() as Any },
            { try trustedProxies() }, { try hosts() },
            { try drainTime() },
            { try deskURL() }, { try deskLogin() }, { try deskPassword() }, { try desk() }, { try deskTicketURL() },
            { try mailServer() }, { try mailSender() },
            { try mailEnvelopeSender() as Any }, { try spoolDirectory() as Any }, { try logLevel as Any },
            { try logsJSON },
        ]
        var objections: [String] = []
        for question in questions {
            do {
                _ = try question()
            } catch {
                let objection = (error as? ValidationError)?.message ?? "\(error)"
                if !objections.contains(objection) { objections.append(objection) }
            }
        }
        guard objections.isEmpty else { throw ValidationError(objections.joined(separator: "\n       ")) }
    }

    /// Who runs the command.
    static var userName: String? {
        let variables = ProcessInfo.processInfo.environment
        return variables["SUDO_USER"] ?? variables["USER"] ?? variables["LOGNAME"]
    }
}
