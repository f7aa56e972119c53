import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Looks for the one `Host` field that a request of HTTP/1.1 has (RFC 9112, 3.2). A request without it is marked, and answered in
/// its turn by `HostGate`.
///
/// It stands before the library's translation, behind which neither the version of HTTP nor the form of the target is known.
final class HostFields: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// A client that sends this itself is refused for it.
    static let mark = "x-otalink-host-refused"

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let hosts = head.headers["Host"]
        let needsOne = head.version.major > 1 || head.version == .http1_1
        if hosts.count > 1 || (needsOne && hosts.isEmpty) || !hosts.allSatisfy(Self.isAuthority) {
            head.headers.replaceOrAdd(name: Self.mark, value: "1")
        } else if let authority = Self.authority(ofTarget: head.uri) {
            // A target with an authority counts before the field (RFC 9112, 3.2.2).
            head.headers.replaceOrAdd(name: "Host", value: authority)
        } else {
            return context.fireChannelRead(data)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Whether the characters are those of a host and a port (RFC 3986, 3.2.2 and 3.2.3); none is one too.
    static func isAuthority(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
            }
        }
    }

    /// Nil for a path, as almost every target is.
    static func authority(ofTarget target: String) -> String? {
        guard !target.hasPrefix("/"), let start = target.range(of: "://")?.upperBound else { return nil }
        return String(target[start...].prefix { !"/?#".contains($0) })
    }
}

/// Puts `HostFields` in its place, which a server's own handlers are not given.
final class HostFieldsInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(
                HostFields(), position: .before(try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)))
        } catch {
            context.close(promise: nil)
        }
    }
}
