import Logging
import Synchronization

/// Keeps what is logged, metadata included.
public struct LogLines: LogHandler {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private let lines = Lines()
    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]

    public init() {}

    /// One text for each event.
    public var all: [String] { lines.all.withLock { $0 } }

    public func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        lines.all.withLock { $0.append("\(event.message) \(metadata)") }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
