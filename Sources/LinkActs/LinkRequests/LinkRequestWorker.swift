import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import Queues
import ServiceLifecycle

/// Looks up link requests, one after the other, on any replica: far from the page, so that its answer takes the same time
/// whoever asks.
public final class LinkRequestWorker: Service, CustomStringConvertible {
    /// What a framework prints of it.
    public let description = "LinkRequestWorker"

    private let store: LinkStore
    private let answer: AnswerLinkRequest
    private let settings: @Sendable () -> Settings
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// While a link request is looked up; the desk answers or fails well within it.
    private static let lease = Duration.seconds(30)
    private static let pause = Duration.seconds(20)
    /// Link requests that are looked up before the cleaning has its turn again.
    private static let round = 100
    /// Whoever asked has given up by then.
    private static let longestAge: TimeInterval = 15 * 60

    public init(
        store: LinkStore, answer: AnswerLinkRequest, settings: @escaping @Sendable () -> Settings, logger: Logger
    ) {
        self.store = store
        self.answer = answer
        self.settings = settings
        self.logger = logger
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    /// Takes what the listening connection tells; link requests are told on the channel of mails.
    public func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening: waker.yield()
        case .notification(let channel, _) where channel == QueueLanes.channel: waker.yield()
        case .notification, .confirmed, .lost, .unproven: break
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

    /// Looks up what is due: all of it, or so many that the cleaning is due again.
    ///
    /// - Returns: how long to wait if nothing happens.
    package func workOff() async -> Duration {
        await cleanUp()
        do {
            for _ in 0..<Self.round {
                do {
                    guard let linkRequest = try await store.linkRequests.claim(lease: Self.lease) else {
                        let seconds = try await store.linkRequests.secondsUntilDue() ?? 600
                        return .seconds(min(max(seconds, 1), 600))
                    }
                    try await lookUp(linkRequest)
                } catch let row as UnreadableRow {
                    try await putOff(row.id, createdAt: row.createdAt, because: row)
                }
            }
            return .zero
        } catch {
            logger.error("Link requests cannot be looked up; trying again", metadata: ["error": "\(error)"])
            return Self.pause
        }
    }

    /// Whatever becomes of the link requests.
    private func cleanUp() async {
        var each = EachAlone()
        _ = await each.attempt { try await store.linkRequests.deleteOld() }
        _ = await each.attempt { try await store.apiRequests.deleteOld() }
        do {
            try each.end()
        } catch {
            logger.error("Old requests cannot be deleted; trying again", metadata: ["error": "\(error)"])
        }
    }

    /// - Throws: if what came of the link request cannot be written down, as when the database is away; then the others wait as well.
    private func lookUp(_ linkRequest: LinkRequest) async throws {
        do {
            let outcome = try await answer(linkRequest, settings: settings())
            try await store.linkRequests.finish(linkRequest, outcome: outcome.rawValue)
            logger.info("A link request was looked up", metadata: ["outcome": "\(outcome.rawValue)"])
        } catch {
            try await putOff(
                linkRequest.id, createdAt: linkRequest.createdAt, context: linkRequest.context, because: error)
        }
    }

    /// After each failure a link request waits twice as long; the others go on. After a quarter of an hour the worker gives it up.
    private func putOff(
        _ id: UUID, createdAt: Date, context: RequestContextFacts = .none, because error: any Error
    ) async throws {
        let age = try await store.tickets.now().timeIntervalSince(createdAt)
        let isGivenUp = age > Self.longestAge
        // The desk's being away is told of once, by the connector.
        logger.log(
            level: (error as? DeskUnavailable)?.isTransient == true ? .info : .error,
            isGivenUp ? "A link request was given up" : "A link request could not be looked up; it is put off",
            metadata: ["request": "\(id)", "error": "\(error)"])
        if isGivenUp {
            try await store.linkRequests.finish(id: id, outcome: LinkRequestOutcome.givenUp.rawValue, context: context)
        } else {
            try await store.linkRequests.postpone(id: id, for: max(Self.pause, .seconds(age)))
        }
    }
}
