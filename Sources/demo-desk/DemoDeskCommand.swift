import ArgumentParser
import CurlClient
import DemoDesk
import Foundation
import Logging
import ServiceLifecycle

@main
struct DemoDeskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-desk",
        abstract: "A stand-in for a help desk of the OTOBO family, for demonstrations and tests.",
        discussion: """
            Speaks the family's REST web service under /otobo/nph-genericinterface.pl/Webservice/<name>, shows a page for \
            customers at /otobo/customer.pl, and is directed under /demo/ (GET /demo/ tells how). Tickets live in \
            memory and end with the program. Whoever reaches the port may do anything: keep it on loopback.

            With --event-url, every change of a ticket is posted there as the desk's own invoker would.

            Example:
              demo-desk --listen 127.0.0.1:8090 --login otalink --password-file ./desk-password \\
                --event-url http://127.0.0.1:8080/api/v1/desk-events --event-key-file ./desk-api-key
            """)

    @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8090)

    @Option(help: "The name of the web service in the URL.")
    var webService = "otalink"

    @Option(help: "The login of the web service's agent.")
    var login = "otalink"

    @Option(
        help: ArgumentHelp("A file with the agent's password; its last line break does not count.", valueName: "file"))
    var passwordFile: String

    @Option(help: ArgumentHelp("The zone of the times that the desk writes, such as Europe/Berlin.", valueName: "zone"))
    var timeZone = "UTC"

    @Option(help: ArgumentHelp("Where to post the tickets' events.", valueName: "url"))
    var eventURL: String?

    @Option(help: ArgumentHelp("A file with the API key that goes with the events.", valueName: "file"))
    var eventKeyFile: String?

    @Flag(help: "Log every event and request.")
    var verbose = false

    func validate() throws {
        guard TimeZone(identifier: timeZone) != nil else {
            throw ValidationError("There is no time zone \(timeZone).")
        }
        guard (eventURL == nil) == (eventKeyFile == nil) else {
            throw ValidationError("--event-url and --event-key-file belong together.")
        }
    }

    func run() async throws {
        var logger = Logger(label: "demo-desk")
        logger.logLevel = verbose ? .debug : .info
        var services: [any Service] = []
        var onEvent: @Sendable (DemoDeskEvent) -> Void = { _ in }
        if let eventURL, let eventKeyFile {
            let key = try SecretFile.text(at: eventKeyFile)
            let sender = EventSender(url: eventURL, key: key, client: CurlClient(logger: logger), logger: logger)
            onEvent = { sender.post($0) }
            services.append(sender)
        }
        let configuration = DemoDeskConfiguration(
            webService: webService,
            agents: [.init(login: login, password: try SecretFile.text(at: passwordFile))],
            timeZone: TimeZone(identifier: timeZone) ?? .gmt, onEvent: onEvent)
        let desk = DemoDesk(configuration: configuration, host: listen.host, port: listen.port, logger: logger)
        services.append(DeskService(desk: desk))
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}

/// The desk among the services of the program.
private struct DeskService: Service, CustomStringConvertible {
    let desk: DemoDesk
    var description: String { "DemoDesk" }

    func run() async throws { try await desk.run() }
}

/// `host:port`; an IPv6 address stands in brackets.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else {
            return nil
        }
        let host = argument[..<colon].filter { !"[]".contains($0) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: Int(port))
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var defaultValueDescription: String { description }
}
