import Hummingbird
import Logging

/// The stand-in desk as a server: the web service, the customers' page and the admin side on one port.
public struct DemoDesk: Sendable {
    /// The desk itself, for those who share the process.
    public let state: DemoDeskState
    private let host: String
    private let port: Int
    private let logger: Logger
    private let announcement = PortAnnouncement()

    /// A desk that will listen on the host and port; port 0 lets the kernel choose.
    public init(_ state: DemoDeskState, host: String = "127.0.0.1", port: Int = 0, logger: Logger) {
        self.state = state
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// A desk with an empty state of its own.
    public init(
        configuration: DemoDeskConfiguration, host: String = "127.0.0.1", port: Int = 0, logger: Logger
    ) {
        self.init(DemoDeskState(configuration: configuration), host: host, port: port, logger: logger)
    }

    /// The port that the server listens on; waits until it does.
    public var boundPort: Int {
        get async { await announcement.port }
    }

    /// Serves until the task is cancelled or the service group shuts down.
    public func run() async throws {
        try await application().run()
    }

    /// The server, for those who run it within a service group or a test of their own.
    public func application() -> some ApplicationProtocol {
        Application(
            responder: DemoDeskResponder(state: state),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "demo-desk"),
            onServerRunning: { [announcement] channel in
                await announcement.announce(channel.localAddress?.port ?? 0)
            },
            logger: logger)
    }
}

/// Tells the port to whoever waits for it.
private actor PortAnnouncement {
    private var announced: Int?
    private var waiting: [CheckedContinuation<Int, Never>] = []

    var port: Int {
        get async {
            if let announced { return announced }
            return await withCheckedContinuation { waiting.append($0) }
        }
    }

    func announce(_ port: Int) {
        announced = port
        for continuation in waiting { continuation.resume(returning: port) }
        waiting = []
    }
}
