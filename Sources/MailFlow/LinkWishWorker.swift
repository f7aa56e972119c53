import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ServiceLifecycle

/// Looks up wishes for new links, one after the other, on any replica: far from the page, so that its answer takes the same time
/// whoever asks.
public final class LinkWishWorker: Service, CustomStringConvertible {
    /// What a framework prints of it.
    public let description = "LinkWishWorker"

    private let store: LinkStore
    private let grant: GrantWish
    private let settings: @Sendable () -> Settings
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// While a wish is looked up; the desk answers or fails well within it.
    private static let lease = Duration.seconds(30)
    private static let pause = Duration.seconds(20)
    /// Whoever asked has given up by then.
    private static let longestAge: TimeInterval = 15 * 60

    public init(
        store: LinkStore, grant: GrantWish, settings: @escaping @Sendable () -> Settings, logger: Logger
    ) {
        self.store = store
        self.grant = grant
        self.settings = settings
        self.logger = logger
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    /// Takes what the listening connection tells; wishes are told on the channel of mails.
    public func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening: waker.yield()
        case .notification(let channel, _) where channel == OutboxWorker.channel: waker.yield()
        case .notification, .confirmed, .lost: break
        }
    }

    /// Works until the service is told to end.
    public func run() async throws {
        var alarm: Task<Void, Never>?
        for await _ in wakes.cancelOnGracefulShutdown() {
            alarm?.cancel()
            let pause = await workOff()
            alarm = Task { [waker] in
                guard (try? await Task.sleep(for: pause)) != nil else { return }
                waker.yield()
            }
        }
        alarm?.cancel()
    }

    /// Looks up all that is due.
    ///
    /// - Returns: how long to wait if nothing happens.
    func workOff() async -> Duration {
        do {
            while let wish = try await store.linkRequests.claim(lease: Self.lease) { try await lookUp(wish) }
            try await store.linkRequests.deleteOld()
            try await store.apiRequests.deleteOld()
            let seconds = try await store.linkRequests.secondsUntilDue() ?? 600
            return .seconds(min(max(seconds, 1), 600))
        } catch {
            logger.error("Wishes for links cannot be looked up; trying again", metadata: ["error": "\(error)"])
            return Self.pause
        }
    }

    private func lookUp(_ wish: LinkWish) async throws {
        let outcome: WishOutcome
        do {
            outcome = try await grant(wish, settings: settings())
        } catch is DeskUnavailable {
            guard try await store.tickets.now().timeIntervalSince(wish.createdAt) > Self.longestAge else {
                return try await store.linkRequests.postpone(wish, for: Self.pause)
            }
            outcome = .givenUp
        }
        try await store.linkRequests.finish(wish, outcome: outcome.rawValue)
        logger.info("A wish for a link was looked up", metadata: ["outcome": "\(outcome.rawValue)"])
    }
}
