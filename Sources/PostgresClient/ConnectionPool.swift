import Foundation
import Logging
import Synchronization

/// Owns all connections of a client and its one queue. Runs on its own thread, which waits in `poll(2)`; callers put what they
/// want into an inbox and wait for their ``Pending`` to end.
actor ConnectionPool: PollOwner {
    /// What callers ask for.
    enum Command: Sendable {
        case batch(PendingBatch)
        case lease(PendingLease)
        case giveBack(ConnectionID)
        case close(deadline: ContinuousClock.Instant)
    }

    enum QueueEntry {
        case batch(Attempt)
        case lease(PendingLease)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isClosed = false
    }

    nonisolated let configuration: PostgresConfiguration
    nonisolated let logger: Logger
    nonisolated let thread: PollThread
    nonisolated private let inbox = Mutex(Inbox())
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let parameters: Result<ConnectionParameters, PostgresError>
    var queue = FIFO<QueueEntry>()
    var connections: [PooledConnection] = []
    var lastConnectionID = 0
    var scratch = ParameterScratch()
    var backoff = Backoff()
    var nextConnectTime: ContinuousClock.Instant?
    /// Turns through the hosts of the connection string, see ``ConnectionParameters/startingAtHost(_:)``.
    var firstHost = 0
    var lastConnectFailure: String?
    var unreplacedLosses = 0
    var reconnects = 0
    private var calls = 0
    private var waited = Duration.zero
    private var waitCountedUpTo = ContinuousClock.now
    /// The earliest deadline that may have to be looked after, and the earliest time to look again.
    var nextSweep: ContinuousClock.Instant?
    var closingDeadline: ContinuousClock.Instant?
    var closeWaiters: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private var arrived: [Command] = []
    private var descriptors: [pollfd] = []

    init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        thread = PollThread()
        do {
            parameters = .success(try ConnectionParameters(configuration))
        } catch {
            parameters = .failure(error)
        }
    }

    nonisolated func start() {
        thread.start(name: "postgres", owner: self)
    }

    // MARK: Callers

    /// Puts a command into the inbox. False if the pool is closed.
    @discardableResult
    nonisolated func submit(_ command: Command) -> Bool {
        let isAccepted = inbox.withLock { inbox in
            if !inbox.isClosed { inbox.commands.append(command) }
            return !inbox.isClosed
        }
        if isAccepted { thread.wake() }
        return isAccepted
    }

    /// Refuses new work, lets what has been accepted end until the deadline, closes all connections and ends the thread.
    func close(deadline: ContinuousClock.Instant) async {
        if isClosed { return }
        closingDeadline = min(deadline, closingDeadline ?? deadline)
        await withCheckedContinuation { closeWaiters.append($0) }
    }

    func statistics() -> PostgresStatistics {
        PostgresStatistics(
            openConnections: connections.count { $0.state.phase == .ready },
            connectionLimit: configuration.connections,
            inFlight: connections.reduce(0) { $0 + $1.state.inFlightCount },
            waiting: queue.count,
            reconnects: reconnects,
            calls: calls,
            waited: waited + (ContinuousClock.now - waitCountedUpTo) * queue.count)
    }

    // MARK: Thread

    func turn() -> Bool {
        takeCommands()
        dispatch()
        let now = ContinuousClock.now
        defer { countWaiting() }
        if isReadyToClose(now) {
            finishClosing()
            return false
        }
        wait(now)
        handleReady()
        return true
    }

    /// The queue is as long as ``dispatch()`` left it, until the next turn.
    private func countWaiting() {
        let now = ContinuousClock.now
        waited += (now - waitCountedUpTo) * queue.count
        waitCountedUpTo = now
    }

    private func takeCommands() {
        inbox.withLock { swap(&$0.commands, &arrived) }
        for command in arrived {
            switch command {
            case .batch(let pending):
                calls += 1
                accept(pending)
            case .lease(let pending):
                noteDeadline(pending.deadline)
                queue.append(.lease(pending))
            case .giveBack(let id): takeBack(id)
            case .close(let deadline): closingDeadline = min(deadline, closingDeadline ?? deadline)
            }
        }
        arrived.removeAll(keepingCapacity: true)
    }

    private func accept(_ pending: PendingBatch) {
        noteDeadline(pending.deadline)
        guard let id = pending.work.connection else { return queue.append(.batch(Attempt(pending: pending))) }
        guard let connection = connections.first(where: { $0.id == id }), case .leased = connection.use else {
            let error = PostgresError(.connectionLost, statementName: pending.work.name)
            pending.finish(.failure(error))
            return
        }
        connection.backlog.append(pending)
        sendBacklog(connection)
    }

    private func wait(_ now: ContinuousClock.Instant) {
        descriptors.removeAll(keepingCapacity: true)
        for connection in connections {
            var events = Int16(POLLIN)
            if connection.isConnecting {
                events = connection.waitsForWriting ? Int16(POLLOUT) : Int16(POLLIN)
            } else if connection.link.hasUnsentData {
                events |= Int16(POLLOUT)
            }
            descriptors.append(pollfd(fd: connection.link.socket, events: events, revents: 0))
        }
        let timeout = nextTimer().map { $0 - now }
        thread.wait(on: &descriptors, timeout: timeout) { inbox.withLock { !$0.commands.isEmpty } }
    }

    private func handleReady() {
        let now = ContinuousClock.now
        // Connections may close while they are handled; the descriptors belong to those of before.
        for (connection, descriptor) in zip(connections, descriptors) where descriptor.revents != 0 {
            if connection.isConnecting {
                continueConnecting(connection, now)
            } else {
                if descriptor.revents & Int16(POLLIN) != 0 { connection.heardAt = now }
                exchange(connection, now)
            }
        }
        handleTimers(now)
    }

    // MARK: Closing

    private func isReadyToClose(_ now: ContinuousClock.Instant) -> Bool {
        guard let closingDeadline else { return false }
        if now >= closingDeadline { return true }
        return queue.isEmpty
            && connections.allSatisfy { connection in
                guard case .shared = connection.use else { return false }
                return connection.state.inFlightCount == 0
            }
    }

    private func finishClosing() {
        let late = inbox.withLock { inbox in
            inbox.isClosed = true
            return inbox.commands
        }
        isClosed = true
        let error = PostgresError(.closed)
        for connection in connections { disconnect(connection, error) }
        for entry in queue.drain() { entry.fail(error) }
        for command in late {
            switch command {
            case .batch(let pending): pending.finish(.failure(error))
            case .lease(let pending): pending.finish(.failure(error))
            case .giveBack, .close: break
            }
        }
        for waiter in closeWaiters { waiter.resume() }
        closeWaiters.removeAll()
    }
}

extension ConnectionPool.QueueEntry {
    var isFinished: Bool {
        switch self {
        case .batch(let attempt): attempt.pending.isFinished
        case .lease(let pending): pending.isFinished
        }
    }

    var deadline: ContinuousClock.Instant? {
        switch self {
        case .batch(let attempt): attempt.pending.deadline
        case .lease(let pending): pending.deadline
        }
    }

    /// Ends the call, unless it has ended, with its name in the error.
    func fail(_ error: PostgresError) {
        var error = error
        switch self {
        case .batch(let attempt):
            error.statementName = attempt.pending.work.name
            attempt.pending.finish(.failure(error))
        case .lease(let pending):
            error.statementName = pending.work.name
            pending.finish(.failure(error))
        }
    }
}
