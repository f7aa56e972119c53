import CLibPQ
import Foundation
import Logging
import Synchronization

/// The connection of a ``PostgresListener``, on a thread of its own.
actor ListeningConnection: PollOwner {
    nonisolated private let thread = PollThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let listener: PostgresListener
    private let parameters: ConnectionParameters
    private let logger: Logger
    private var state: ListenState
    private var link: ServerLink?
    private var isConnecting = false
    private var waitsForWriting = true
    private var firstHost = 0
    private var isStopping = false
    private var stopWaiters: [CheckedContinuation<Void, Never>] = []
    private var descriptors: [pollfd] = []
    /// The payload of the notice that is expected.
    private var expectedNotice: String?
    /// The server process that answered LISTEN.
    private var serverProcess: String?
    /// The first row of the last answer.
    private var answer: [String] = []

    init(_ listener: PostgresListener) throws(PostgresError) {
        self.listener = listener
        parameters = try ConnectionParameters(listener.configuration)
        logger = listener.logger
        state = ListenState(
            roundTripEvery: listener.roundTripEvery, answerLimit: listener.answerLimit,
            connectTimeout: listener.configuration.connectTimeout, canRequestNotice: listener.notifier != nil,
            now: .now)
    }

    nonisolated func start() {
        thread.start(name: "postgres-listen", owner: self)
    }

    /// Ends the thread. Tells the receiver that it no longer listens, if it did.
    func stop() async {
        isStopping = true
        await withCheckedContinuation { stopWaiters.append($0) }
    }

    // MARK: Thread

    func turn() -> Bool {
        if isStopping {
            if case .disconnect(let wasListening) = state.handle(.failed, now: .now) { disconnect(wasListening) }
            for waiter in stopWaiters { waiter.resume() }
            return false
        }
        handle(.timer)
        descriptors.removeAll(keepingCapacity: true)
        if let link {
            var events = Int16(POLLIN)
            if isConnecting ? waitsForWriting : link.hasUnsentData {
                events = Int16(POLLOUT) | (isConnecting ? 0 : events)
            }
            descriptors.append(pollfd(fd: link.socket, events: events, revents: 0))
        }
        thread.wait(on: &descriptors, timeout: max(.zero, state.timer - .now)) { false }
        if let descriptor = descriptors.first, descriptor.revents != 0 {
            if isConnecting { continueConnecting() } else { exchange() }
        }
        return true
    }

    private func handle(_ event: ListenState.Event) {
        switch state.handle(event, now: .now) {
        case .wait: break
        case .connect: connect()
        case .sendListen:
            send(channels.map { "LISTEN \(Self.quoted($0)); " }.joined() + "SELECT pg_backend_pid()")
        case .requestNotice: requestNotice()
        case .sendRoundTrip: send(roundTrip)
        case .reportListening(let sentAt):
            deliverNotifications()
            listener.onEvent(.listening(sentAt: sentAt))
        case .reportConfirmed(let sentAt):
            deliverNotifications()
            listener.onEvent(.confirmed(sentAt: sentAt))
        case .disconnect(let wasListening): disconnect(wasListening)
        case .giveUp(let wasListening):
            disconnect(wasListening)
            listener.onEvent(.unproven)
        }
    }

    // MARK: Proof

    private var channels: [String] {
        listener.notifier == nil ? listener.channels : listener.channels + [PostgresListener.proofChannel]
    }

    /// Asks which server process answers, and whether it listens on every channel.
    private var roundTrip: String {
        let names = channels.map { "'" + $0.replacingOccurrences(of: "'", with: "''") + "'" }.joined(separator: ", ")
        return "SELECT pg_backend_pid(), ARRAY[\(names)]::text[] <@ ARRAY(SELECT pg_listening_channels())"
    }

    private static func quoted(_ identifier: String) -> String {
        "\"" + identifier.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private func requestNotice() {
        guard let notifier = listener.notifier else { return }
        let payload = UUID().uuidString
        expectedNotice = payload
        Task {
            do {
                _ = try await notifier.query(Self.notify, PostgresListener.proofChannel, payload)
                if expectedNotice == payload { handle(.noticeSent) }
            } catch {
                if expectedNotice == payload { fail("no notice could be sent to it") }
            }
        }
    }

    /// Nothing is stored, so the commit need not wait for a disk or for another server.
    private static let notify = Statement(
        "listener.notify", repeatable: true,
        "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)")

    private func noteAnswer() {
        switch state.phase {
        case .starting:
            serverProcess = answer.first
            handle(.listenAnswered)
        default: handle(.roundTripAnswered(isProof: serverProcess.map { answer == [$0, "t"] } ?? false))
        }
    }

    // MARK: Connecting

    private func connect() {
        let link = ServerLink(parameters.startingAtHost(firstHost), logger: logger)
        self.link = link
        isConnecting = true
        waitsForWriting = true
        if !link.hasStarted { fail(link.failureReason) }
    }

    private func continueConnecting() {
        switch link?.continueConnecting() {
        case .waitsForReading: waitsForWriting = false
        case .waitsForWriting: waitsForWriting = true
        case .connected:
            isConnecting = false
            handle(.connected)
        case .failed(let reason): fail(reason)
        case nil: break
        }
    }

    private func fail(_ reason: String) {
        logger.warning(
            "The listening connection to the database failed",
            metadata: ["reason": "\(PostgresError(.connectionFailed(reason: reason)))"])
        handle(.failed)
    }

    private func disconnect(_ wasListening: Bool) {
        // The attempt may have hung at the first of several hosts.
        if isConnecting { firstHost += 1 }
        link?.close()
        link = nil
        isConnecting = false
        expectedNotice = nil
        serverProcess = nil
        guard wasListening else { return }
        if !isStopping { logger.warning("The listening connection to the database was lost") }
        listener.onEvent(.lost)
    }

    // MARK: Traffic

    private func send(_ text: String) {
        guard let link else { return }
        if !link.sendText(text) || !link.flush() { fail("the connection was lost") }
    }

    private func exchange() {
        guard let link else { return }
        let isOpen = link.read()
        var hasFailed = false
        while isExpectingAnswer, !link.isBusy, !hasFailed {
            guard let result = link.nextResult() else {
                noteAnswer()
                continue
            }
            if PQresultStatus(result) == PGRES_TUPLES_OK {
                answer = ServerLink.firstRow(of: result)
            } else {
                hasFailed = PQresultStatus(result) != PGRES_COMMAND_OK
            }
            PQclear(result)
        }
        deliverNotifications()
        if hasFailed || !isOpen || !link.flush() { fail(link.failureReason) }
    }

    private var isExpectingAnswer: Bool {
        switch state.phase {
        case .starting, .asking: true
        case .waiting, .connecting, .expectingNotice, .idle: false
        }
    }

    private func deliverNotifications() {
        while let notification = link?.nextNotification() {
            if notification.channel == PostgresListener.proofChannel {
                if notification.payload == expectedNotice { handle(.noticeHeard) }
                continue
            }
            listener.onEvent(.notification(channel: notification.channel, payload: notification.payload))
        }
    }
}
