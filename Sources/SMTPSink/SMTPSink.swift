import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A mail server for the demo and for tests: it takes every mail and keeps it, and does wrong what its script says.
///
/// It speaks SMTP with PIPELINING, 8BITMIME, SMTPUTF8, SIZE and AUTH, in the clear.
public final class SMTPSink: Service {
    private let host: String
    private let port: Int
    private let options: SMTPSinkOptions
    private let logger: Logger
    private let onMail: (@Sendable (ReceivedMail, Int) async throws -> Void)?
    private let state: Watched<SMTPSinkState>

    /// A sink that listens once ``run()`` is called, on a port that the kernel chooses if it is 0.
    ///
    /// `onMail` gets each mail and its number, from 1 on, before the client gets its reply; if it throws, the mail is
    /// refused with 451, and not kept.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        options: SMTPSinkOptions = .init(),
        script: SMTPScript = .init(),
        logger: Logger,
        onMail: (@Sendable (ReceivedMail, Int) async throws -> Void)? = nil
    ) {
        self.host = host
        self.port = port
        self.options = options
        self.logger = logger
        self.onMail = onMail
        self.state = Watched(SMTPSinkState(script: script))
    }

    /// Listens until the task is cancelled or a graceful shutdown begins, then closes all connections. Throws what the
    /// listening fails with.
    public func run() async throws {
        do {
            try await listen()
        } catch is CancellationError {
            // The ordinary end of a task that serves.
        } catch {
            await end(error)
            throw error
        }
        await end(CancellationError())
    }

    /// The port that the sink listens on, as soon as it does. Throws what the listening failed with, and
    /// `CancellationError` if the sink has ended before.
    public var boundPort: Int {
        get async throws { try await state.first { $0.port }.get() }
    }

    /// Changes what connections made from now on will meet. Steps are counted anew.
    public func follow(_ script: SMTPScript) async {
        await state.change { $0.follow(script) }
    }

    /// Lets all connections go on that are open now and that their script has paused, or would pause from now on.
    public func resume() async {
        await state.change { $0.resume() }
    }

    private func end(_ error: any Error) async {
        await state.change { $0.port = $0.port ?? .failure(error) }
        await state.close()
    }

    private func listen() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? port
        logger.info("The mail sink listens", metadata: ["host": "\(host)", "port": "\(port)"])
        await state.change { $0.port = .success(port) }
        // To cancel the loop would drop connections that are accepted and not yet taken, which NIO does not allow. To
        // close the socket ends it after the last of them.
        let serving = Task { try await serve(server) }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await serving.value
        } onCancelOrGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private func serve(_ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await self.serve(connection) }
                }
            }
            group.cancelAll()
        }
    }

    private func serve(_ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let (script, resumptions) = await state.change { $0.openConnection() }
        do {
            try await channel.executeThenClose { inbound, outbound in
                let connection = SMTPConnection(
                    outbound: outbound, delay: script.delay, state: state, resumptionsBefore: resumptions
                ) { mail in
                    try await self.keep(mail, bounces: script.bounces)
                }
                var session = SMTPSession(options: options, script: script)
                guard try await connection.carryOut(session.begin()) else { return }
                for try await bytes in inbound {
                    guard try await connection.carryOut(session.receive(bytes.readableBytesView)) else { return }
                }
            }
        } catch {
            // A client may go at any time.
            logger.debug("A connection ended", metadata: ["error": "\(error)"])
        }
        await state.change { $0.closeConnection() }
    }

    private func keep(_ mail: ReceivedMail, bounces: Bool) async throws -> Int {
        let number = try await add(mail)
        if bounces, !mail.envelopeFrom.isEmpty { _ = try await add(.bounce(of: mail, from: options.hostName)) }
        return number
    }

    private func add(_ mail: ReceivedMail) async throws -> Int {
        let number = await state.change { $0.nextNumber() }
        try await onMail?(mail, number)
        let maximum = options.maximumMails
        await state.change { $0.add(mail, keeping: maximum) }
        return number
    }
}

// MARK: - What has come

extension SMTPSink {
    /// The mails that have come, oldest first.
    public func mails() async -> [ReceivedMail] {
        await state.value.mails
    }

    /// How many mails have come, those included that are no longer kept.
    public func mailCount() async -> Int {
        await state.value.mailCount
    }

    /// The first mail that matches, be it here already or still to come; with `after`, so many mails are passed over.
    /// Throws `CancellationError` if the task is cancelled or the sink ends.
    public func nextMail(
        after count: Int = 0, where matches: @escaping @Sendable (ReceivedMail) -> Bool = { _ in true }
    ) async throws -> ReceivedMail {
        try await state.first { $0.firstMail(after: count, where: matches) }
    }

    /// How many connections have been made.
    public func connectionCount() async -> Int {
        await state.value.connections
    }

    /// How often connections have come to that step of their conversations since the script was last changed.
    public func reachedCount(_ step: SMTPScript.Step) async -> Int {
        await state.value.stepsReached[step, default: 0]
    }

    /// Returns once connections have come to that step of their conversations so many times since the script was last
    /// changed. Throws `CancellationError` if the task is cancelled or the sink ends.
    public func untilReached(_ step: SMTPScript.Step, times: Int = 1) async throws {
        try await state.first { $0.stepsReached[step, default: 0] >= times ? () : nil }
    }

    /// Returns once no connection is open. Throws `CancellationError` if the task is cancelled or the sink ends.
    public func untilNoConnectionIsOpen() async throws {
        try await state.first { $0.openConnections == 0 ? () : nil }
    }
}
