import Foundation
import Synchronization

/// Stands between a client and a server on the loopback interface, and can fail as networks do.
public final class TCPProxy: Sendable {
    /// The port to connect to.
    public let port: UInt16
    private let orders: ProxyOrders

    /// Forwards from a free port to that one.
    public init(to target: UInt16) throws {
        let listener = try LoopbackSocket.listening(port: 0)
        port = try LoopbackSocket.port(of: listener)
        orders = try ProxyOrders()
        let orders = orders
        Thread.detachNewThread {
            var loop = ProxyLoop(listener: listener, target: target, orders: orders)
            loop.run()
        }
    }

    deinit {
        orders.give { $0.mode = .ended }
    }

    /// Lets every connection hang without a word, as a broken network does. New ones get no answer either.
    public func stopForwarding() { orders.give { $0.mode = .silent } }

    /// Lets what clients send through, and keeps what the server answers until ``resume()``.
    public func holdAnswers() { orders.give { $0.mode = .holdingAnswers } }

    /// Forwards again.
    public func resume() { orders.give { $0.mode = .forwarding } }

    /// Closes all connections that exist. New ones are accepted.
    public func cut() { orders.give { $0.isToBeCut = true } }
}

/// What the proxy's thread is to do, and the pipe that tells it to look.
final class ProxyOrders: Sendable {
    struct State {
        enum Mode {
            case forwarding
            /// Only what comes from clients is forwarded.
            case holdingAnswers
            /// Nothing is read, written or accepted.
            case silent
            case ended
        }

        var mode = Mode.forwarding
        var isToBeCut = false
    }

    private let state = Mutex(State())
    let wakeReader: Int32
    private let wakeWriter: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LoopbackSocket.Failure(call: "pipe", code: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeReader = ends[0]
        wakeWriter = ends[1]
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    func give(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        var byte: UInt8 = 0
        _ = write(wakeWriter, &byte, 1)
    }

    /// The mode, and whether to cut, which is asked once for each order.
    func take() -> State {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wakeReader, &bytes, bytes.count) > 0 {}
        return state.withLock { state in
            defer { state.isToBeCut = false }
            return state
        }
    }
}

/// The proxy's thread.
private struct ProxyLoop {
    /// One direction of one connection.
    private struct Flow {
        let source: Int32
        let sink: Int32
        let isFromServer: Bool
        var waiting: [UInt8] = []
    }

    let listener: Int32
    let target: UInt16
    let orders: ProxyOrders
    private var flows: [Flow] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(listener: Int32, target: UInt16, orders: ProxyOrders) {
        self.listener = listener
        self.target = target
        self.orders = orders
    }

    mutating func run() {
        while true {
            let order = orders.take()
            if order.isToBeCut || order.mode == .ended { closeAll() }
            if order.mode == .ended { break }
            waitAndForward(order.mode)
        }
        close(listener)
    }

    private mutating func waitAndForward(_ mode: ProxyOrders.State.Mode) {
        let isSilent = mode == .silent
        var descriptors = [pollfd(fd: orders.wakeReader, events: Int16(POLLIN), revents: 0)]
        if !isSilent {
            descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            for flow in flows {
                // poll(2) passes over negative descriptors.
                let isHeld = mode == .holdingAnswers && flow.isFromServer
                descriptors.append(
                    isHeld
                        ? pollfd(fd: -1, events: 0, revents: 0)
                        : flow.waiting.isEmpty
                            ? pollfd(fd: flow.source, events: Int16(POLLIN), revents: 0)
                            : pollfd(fd: flow.sink, events: Int16(POLLOUT), revents: 0))
            }
        }
        guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0, !isSilent else { return }
        for index in flows.indices where descriptors[index + 2].revents != 0 {
            guard forward(index) else { return closeConnection(of: flows[index]) }
        }
        if descriptors[1].revents != 0 { acceptConnection() }
    }

    /// False if one side has ended.
    private mutating func forward(_ index: Int) -> Bool {
        if flows[index].waiting.isEmpty {
            let count = read(flows[index].source, &buffer, buffer.count)
            guard count > 0 else { return false }
            flows[index].waiting = Array(buffer[..<count])
        }
        let sent = send(flows[index].sink, flows[index].waiting, flows[index].waiting.count, Int32(MSG_NOSIGNAL))
        guard sent > 0 || errno == EAGAIN else { return false }
        flows[index].waiting.removeFirst(max(0, sent))
        return true
    }

    private mutating func acceptConnection() {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard let server = try? LoopbackSocket.connected(to: target) else {
            close(client)
            return
        }
        for end in [client, server] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        flows += [
            Flow(source: client, sink: server, isFromServer: false),
            Flow(source: server, sink: client, isFromServer: true),
        ]
    }

    private mutating func closeConnection(of flow: Flow) {
        close(flow.source)
        close(flow.sink)
        flows.removeAll { $0.source == flow.source || $0.source == flow.sink }
    }

    private mutating func closeAll() {
        while let flow = flows.first { closeConnection(of: flow) }
    }
}
