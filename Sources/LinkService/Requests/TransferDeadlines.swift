import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// What a client may take of a replica: sizes and times. Beyond them its connection is cut.
public struct ConnectionLimits: Sendable, Hashable {
    /// For the head of a request, and between two requests.
    public var idle: Duration
    /// From the head of a request to its end, beside the time that its length gives it.
    public var request: Duration
    /// From the head of an answer until the client has taken its end.
    public var answer: Duration
    /// Each so many bytes of a request's body give a second more: a large mail takes longer than a form, and one byte now and then gains nothing.
    static let bytesPerSecond = 64 << 10
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
                additionalChannelHandlers: [HostFieldsInstaller(), TransferDeadlines(self, onCut: onCut)],
                idleTimeout: TimeAmount(idle),
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
    /// When the request, and the answer, has to be over; nil while there is none.
    private var readingUntil: NIODeadline?
    private var writingUntil: NIODeadline?
    /// One for both, and for the requests to come: it rings at the earliest time at which something can be late, and is set anew if
    /// nothing is. So a request costs no timer.
    private var alarm: (at: NIODeadline, task: Scheduled<Void>)?

    init(_ limits: ConnectionLimits, onCut: @escaping @Sendable (String) -> Void) {
        self.limits = limits
        self.onCut = onCut
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            let end = NIODeadline.now() + TimeAmount(limits.request)
            readingUntil = end
            setAlarm(context, notLaterThan: end)
        case .body(let bytes): readingUntil = readingUntil.map { $0 + Self.time(for: bytes.readableBytes) }
        case .end: readingUntil = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            let end = NIODeadline.now() + TimeAmount(limits.answer)
            writingUntil = end
            setAlarm(context, notLaterThan: end)
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
            let end = writingUntil
            promise.futureResult.assumeIsolated().whenComplete { _ in
                // Unless the next answer has begun.
                if self.writingUntil == end { self.writingUntil = nil }
            }
            context.write(data, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAlarm()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelAlarm()
    }

    private static func time(for bytes: Int) -> TimeAmount {
        .microseconds(Int64(bytes) * 1_000_000 / Int64(ConnectionLimits.bytesPerSecond))
    }

    private func cancelAlarm() {
        alarm?.task.cancel()
        alarm = nil
    }

    private func setAlarm(_ context: ChannelHandlerContext, notLaterThan end: NIODeadline) {
        if let alarm {
            guard end < alarm.at else { return }
            alarm.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: end) { self.ring(context) }
        alarm = (end, task)
    }

    private func ring(_ context: ChannelHandlerContext) {
        alarm = nil
        let now = NIODeadline.now()
        let late: String? =
            if let readingUntil, readingUntil <= now {
                "request"
            } else if let writingUntil, writingUntil <= now {
                "answer"
            } else {
                nil
            }
        if let late {
            onCut(late)
            context.close(promise: nil)
        } else if let next = [readingUntil, writingUntil].compactMap(\.self).min() {
            setAlarm(context, notLaterThan: next)
        }
    }
}
