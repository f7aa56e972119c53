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

    private struct State {
        var settings: Settings
        var hasAddOnLinks: Bool
    }

    /// How often the settings are read while changes are not heard of.
    private static let deafInterval = Duration.seconds(5)

    private let store: LinkStore
    private let logger: Logger
    private let state: Mutex<State>
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation
    private let isDeaf = Atomic(false)

    /// Reads the settings once; throws if that fails.
    public init(store: LinkStore, logger: Logger) async throws {
        self.store = store
        self.logger = logger
        let read = try await Self.read(store)
        state = Mutex(read)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        Self.tell(of: read.settings.unusable, logger)
    }

    /// The settings at this moment.
    public var current: Settings { state.withLock(\.settings) }

    /// False while no link of the old add-on was imported. Stays true for a while after the last one is gone.
    public var hasAddOnLinks: Bool { state.withLock(\.hasAddOnLinks) }

    /// Takes what the listening connection tells.
    public func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening:
            isDeaf.store(false, ordering: .relaxed)
            changed.yield()
        case .unproven:
            isDeaf.store(true, ordering: .relaxed)
            changed.yield()
        case .notification(let channel, _) where channel == Self.channel: changed.yield()
        case .notification, .confirmed, .lost: break
        }
    }

    /// Reads the settings after each change, or every few seconds while changes are not heard of, until the service is told to end.
    public func run() async throws {
        let reminder = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: Self.deafInterval)
                if isDeaf.load(ordering: .relaxed) { changed.yield() }
            }
        }
        defer { reminder.cancel() }
        for await _ in changes.cancelOnGracefulShutdown() {
            do {
                let read = try await Self.read(store)
                let told = state.withLock { state in
                    defer { state = read }
                    return state.settings.unusable
                }
                Self.tell(of: read.settings.unusable.filter { !told.contains($0) }, logger)
            } catch {
                logger.error("The settings cannot be read; the old ones stay", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Once for each change; the values stay out of the log, since nobody knows what was typed there.
    private static func tell(of unusable: [UnusableSetting], _ logger: Logger) {
        for setting in unusable {
            logger.error(
                "A stored setting cannot be used; its default counts",
                metadata: ["setting": "\(setting.name)", "wanted": "\(setting.format)"])
        }
    }

    private static func read(_ store: LinkStore) async throws -> State {
        State(settings: try await store.settings.read(), hasAddOnLinks: try await store.addOnLinks.exist())
    }
}
