import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// What a client may take of a replica: sizes and times. Beyond them its connection is cut.
public struct ConnectionLimits: Sendable, Hashable {
    /// For the head of a request, and between two requests.
    public var idle: Duration
    /// From the head of a request to its end.
    public var request: Duration
    /// From the head of an answer until the client has taken its end.
    public var answer: Duration
    /// All header fields together, the request line apart.
    public var headerBytes: Int
    public var headerFields: Int
    /// At a time; more wait until one ends. A client that gets one can be answered: descriptors are left for the database, the
    /// desk and the mail server.
    public var connections: Int

    public init(
        idle: Duration = .seconds(75), request: Duration = .seconds(60), answer: Duration = .seconds(60),
        headerBytes: Int = 16 * 1024, headerFields: Int = 100, connections: Int = allowedConnections
    ) {
        self.idle = idle
        self.request = request
        self.answer = answer
        self.headerBytes = headerBytes
        self.headerFields = headerFields
        self.connections = connections
    }

    /// Three quarters of the descriptors that the process may have open (RLIMIT_NOFILE).
    public static var allowedConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        return Int(min(limit.rlim_cur, 65_536)) * 3 / 4
    }

    /// A server that keeps them.
    ///
    /// - Parameter onCut: told `request` or `answer` when a connection is cut for it.
    func server(onCut: @escaping @Sendable (String) -> Void) -> HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [TransferDeadlines(self, onCut: onCut)], idleTimeout: TimeAmount(idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes, maxHeaderFieldCount: headerFields))
        )
    }
}

/// Cuts a connection whose client sends its request, or takes its answer, too slowly. The library's idle time is not enough: one byte
/// now and then is not idle.
final class TransferDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private let onCut: @Sendable (String) -> Void
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?

    init(_ limits: ConnectionLimits, onCut: @escaping @Sendable (String) -> Void) {
        self.limits = limits
        self.onCut = onCut
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            reading?.cancel()
            reading = cut(context, after: limits.request, "request")
        case .body: break
        case .end:
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            writing?.cancel()
            writing = cut(context, after: limits.answer, "answer")
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
            let alarm = writing
            promise.futureResult.whenComplete { _ in alarm?.cancel() }
            context.write(data, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAlarms()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelAlarms()
    }

    private func cancelAlarms() {
        reading?.cancel()
        writing?.cancel()
        (reading, writing) = (nil, nil)
    }

    private func cut(_ context: ChannelHandlerContext, after limit: Duration, _ reason: String) -> Scheduled<Void> {
        let onCut = onCut
        return context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            onCut(reason)
            context.close(promise: nil)
        }
    }
}
