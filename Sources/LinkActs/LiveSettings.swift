import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ServiceLifecycle
import Synchronization

/// The settings as they stand, on every replica within a second of a change: read again when the schema's trigger tells
/// of one, and whenever the listening connection was lost and is back.
public final class LiveSettings: Service, CustomStringConvertible {
    /// The channel that the triggers notify on.
    public static let channel = "otalink_setting"

    /// What a framework prints of it.
    public let description = "LiveSettings"

    private let stored: StoredSettings
    private let logger: Logger
    private let value: Mutex<Settings>
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    /// Reads the settings once; throws if that fails.
    public init(stored: StoredSettings, logger: Logger) async throws {
        self.stored = stored
        self.logger = logger
        value = Mutex(try await stored.read())
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The settings at this moment.
    public var current: Settings { value.withLock { $0 } }

    /// Takes what the listening connection tells.
    public func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening: changed.yield()
        case .notification(let channel, _) where channel == Self.channel: changed.yield()
        case .notification, .confirmed, .lost: break
        }
    }

    /// Reads the settings after each change, until the service is told to end.
    public func run() async throws {
        for await _ in changes.cancelOnGracefulShutdown() {
            do {
                let settings = try await stored.read()
                value.withLock { $0 = settings }
            } catch {
                logger.error("The settings cannot be read; the old ones stay", metadata: ["error": "\(error)"])
            }
        }
    }
}
