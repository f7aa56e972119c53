import Foundation
import Synchronization

/// TCP ports of the loopback interface that no other process of the tests uses.
///
/// A program that takes a number cannot be given a socket, so a port that is free when asked may be taken when it is used. Therefore each process
/// of the tests sets blocks of ports aside for as long as it lives, and gives each port out once.
public enum FreePort {
    /// Below the range from which Linux takes the ports of outgoing connections, so that none of those gets in between.
    private static let range: Range<UInt16> = 20_000..<32_000
    private static let blockSize: UInt16 = 100
    private static let blocks = Mutex(Blocks())

    private struct Blocks {
        /// The ports of the block that was set aside last and that were not given out yet.
        var left: Range<UInt16> = 0..<0
        var next = UInt16.random(in: 0..<(UInt16(range.count) / blockSize))
        /// Keep the blocks ours until the process ends.
        var locks: [Int32] = []

        mutating func takePort() throws -> UInt16 {
            if left.isEmpty { try takeBlock() }
            let port = left.lowerBound
            left = (port + 1)..<left.upperBound
            return port
        }

        private mutating func takeBlock() throws {
            let count = UInt16(range.count) / blockSize
            for _ in 0..<count {
                next = (next + 1) % count
                guard let lock = LoopbackSocket.lock("otalink-test-ports-\(next)") else { continue }
                locks.append(lock)
                let first = range.lowerBound + next * blockSize
                left = first..<(first + blockSize)
                return
            }
            throw LoopbackSocket.Failure(call: "reserve ports", code: EADDRINUSE)
        }
    }

    /// Finds a port that can be listened on, another one at each call.
    public static func find() throws -> UInt16 {
        for _ in range {
            let port = try blocks.withLock { try $0.takePort() }
            // A program that is none of the tests' may have it.
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

    /// Holds a name against all other processes that share the network: a Unix socket of the abstract kind, which leaves no file and goes with its
    /// process. Nil: another holds it.
    static func lock(_ name: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Abstract names begin with a zero byte.
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.prefix(path.count - 1).enumerated() { path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard outcome == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
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

    /// Takes connections on a port, which no program reads; the caller closes it.
    public static func listening(port: UInt16) throws -> Int32 {
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
