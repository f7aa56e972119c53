import Foundation

/// What another program prints, read to its end within bounds: of its length, and of how long it may say nothing. How long it takes in
/// all is its own affair.
public enum ForeignOutput {
    /// Why the output was not read to its end.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// It is longer than so many bytes.
        case tooLong(limit: Int)
        /// Nothing came for so long.
        case silent(Duration)
        /// Reading failed; the number is `errno`.
        case unreadable(errorNumber: Int32)

        public var description: String {
            switch self {
            case .tooLong(let limit): "it is longer than \(limit >> 20) MiB"
            case .silent(let duration): "nothing came for \(duration.components.seconds) seconds"
            case .unreadable(let number): "reading failed (\(String(cString: strerror(number))))"
            }
        }
    }

    /// A list of a million customer users is shorter.
    public static let standardLimit = 256 << 20
    public static let standardSilence = Duration.seconds(600)

    /// Reads to the end.
    ///
    /// - Parameter descriptor: an open descriptor; it is not closed.
    public static func read(
        from descriptor: Int32, limit: Int = standardLimit, silence: Duration = standardSilence
    ) throws(Failure) -> Data {
        var output = Data()
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let patience = silence / .milliseconds(1)
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, Int32(clamping: Int(patience)))
            if ready == 0 { throw .silent(silence) }
            let count =
                ready < 0 ? -1 : chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR || errno == EAGAIN { continue }
                throw .unreadable(errorNumber: errno)
            }
            if count == 0 { return output }
            guard output.count + count <= limit else { throw .tooLong(limit: limit) }
            output.append(contentsOf: chunk[..<count])
        }
    }
}
