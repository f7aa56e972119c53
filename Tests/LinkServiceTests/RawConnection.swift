import Foundation
import Testing

/// A connection that sends what no proper client would. Its calls block a thread of their own.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// - Parameter url: of the form `http://127.0.0.1:PORT`.
    init(url: String) throws {
        let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    /// False when the connection is gone.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends the text again and again, a hundredth of a second apart, until the other side closes the connection. False if it does not
    /// within two thousand times.
    func dripUntilCut(_ text: String) async -> Bool {
        await onThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            for _ in 0..<2000 {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                while poll(&waiting, 1, 10) > 0 {
                    guard recv(descriptor, &buffer, buffer.count, 0) > 0 else { return true }
                }
                guard text.isEmpty || send(text) else { return true }
            }
            return false
        }
    }

    /// True if something comes within so many milliseconds.
    func hasAnswer(within milliseconds: Int32) async -> Bool {
        await onThread { [self] in
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waiting, 1, milliseconds) > 0
        }
    }

    /// What comes until the other side closes the connection.
    func readToEnd() async -> [UInt8] {
        await onThread { [self] in
            var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return all }
                all += buffer[..<count]
            }
        }
    }

    /// The status of the answer; 0: the connection was closed without one.
    func readStatus() async -> Int {
        await onThread { [self] in
            var (line, byte) = ([UInt8](), UInt8(0))
            while recv(descriptor, &byte, 1, 0) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
            return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        }
    }

    private func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
