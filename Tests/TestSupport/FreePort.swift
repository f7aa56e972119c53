import Foundation
import Synchronization

/// A TCP port of the loopback interface that nobody uses.
public enum FreePort {
    /// Below the range from which Linux takes the ports of outgoing connections, so that none of those gets in between.
    private static let range: Range<UInt16> = 20_000..<32_000
    private static let next = Mutex(UInt16.random(in: range))

    /// Finds a port that can be listened on, another one at each call. Another process may still take it before the caller
    /// does.
    public static func find() throws -> UInt16 {
        for _ in range {
            let port = next.withLock { next in
                next = next + 1 < range.upperBound ? next + 1 : range.lowerBound
                return next
            }
            guard let listener = try? LoopbackSocket.listening(port: port) else { continue }
            close(listener)
            return port
        }
        throw LoopbackSocket.Failure(call: "bind", code: EADDRINUSE)
    }
}

/// Plain IPv4 sockets on 127.0.0.1.
public enum LoopbackSocket {
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32
        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    private static func withAddress<R>(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    static func make() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    static func listening(port: UInt16) throws -> Int32 {
        let descriptor = try make()
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port: port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 128) == 0 else {
            defer { close(descriptor) }
            throw Failure(call: "bind", code: errno)
        }
        return descriptor
    }

    /// A connection to a port of the loopback interface.
    public static func connected(to port: UInt16) throws -> Int32 {
        let descriptor = try make()
        guard withAddress(port: port, { connect(descriptor, $0, $1) }) == 0 else {
            defer { close(descriptor) }
            throw Failure(call: "connect", code: errno)
        }
        return descriptor
    }

    static func port(of descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard outcome == 0 else { throw Failure(call: "getsockname", code: errno) }
        return UInt16(bigEndian: address.sin_port)
    }
}
