import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import Queues
import ServiceLifecycle
import TicketSystem

/// Works off what the desk has reported: one of these runs in every replica.
///
/// The report was answered when it was written down. Events of one ticket are worked off one after the other; one that fails is tried
/// again with growing pauses, while those of other tickets go on, and given up after three days.
public final class DeskEventWorker: Service, CustomStringConvertible {
    /// What a framework prints of it.
    public let description = "DeskEventWorker"

    private let store: LinkStore
    private let take: TakeDeskEvent
    private let replica: String
    private let pacing: QueuePacing
    private let settings: @Sendable () -> Settings
    private let logger: Logger
    private let lanes: QueueLanes

    /// How long a claim holds. Work that takes longer is done twice at the worst, which is safe.
    private static let lease = Duration.seconds(180)

    /// - Parameter replica: names the claims of this replica.
    public init(
        store: LinkStore, take: TakeDeskEvent, replica: String, pacing: QueuePacing = .deskEvents,
        settings: @escaping @Sendable () -> Settings, logger: Logger
    ) {
        self.store = store
        self.take = take
        self.replica = replica
        self.pacing = pacing
        self.settings = settings
        self.logger = logger
        lanes = QueueLanes(pacing: pacing)
    }

    /// Takes what the listening connection tells; events are told on the channel of mails.
    public func apply(_ event: PostgresListener.Event) { lanes.apply(event) }

    /// Works until the service is told to end. May be called once.
    public func run() async throws {
        await lanes.run(claim: claim, secondsUntilDue: store.deskEvents.secondsUntilDue) { [logger] error in
            logger.error("Events of the desk cannot be read; trying again", metadata: ["error": "\(error)"])
        }
    }

    /// Works off all that is due, one event after the other; for tests, which wait for nothing else.
    ///
    /// - Throws: if the queue cannot be read.
    package func workOff() async throws {
        while true {
            switch try await claim() {
            case .nothing: return
            case .putOff: continue
            case .work(let work): await work()
            }
        }
    }

    @Sendable private func claim() async throws -> QueueLanes.Claim {
        do {
            guard let event = try await store.deskEvents.claim(by: replica, lease: Self.lease) else { return .nothing }
            return .work { await self.work(event) }
        } catch let row as UnreadableRow {
            try await putOff(row.id, attempt: row.attempt, createdAt: row.createdAt, because: row, row.reason)
            return .putOff
        }
    }

    private func work(_ event: ClaimedDeskEvent) async {
        do {
            do {
                let caller = DeskCaller(.background, party: "ticket \(event.hint.ticketID)")
                let outcome = try await DeskCaller.$current.withValue(caller) {
                    try await take(event.hint, settings: settings(), context: event.context)
                }
                try await store.deskEvents.finish(event)
                tell(outcome, of: event)
            } catch {
                try await putOff(
                    event.id, attempt: event.attempt, createdAt: event.createdAt, because: error, "\(error)")
            }
        } catch {
            // The claim runs out by itself.
            logger.error(
                "What came of an event of the desk cannot be written down; it is worked on again",
                metadata: ["event": "\(event.id)", "error": "\(error)"])
        }
    }

    private func tell(_ outcome: DeskEventOutcome, of event: ClaimedDeskEvent) {
        let metadata: Logger.Metadata = [
            "event": "\(event.id)", "ticketID": "\(event.hint.ticketID)", "outcome": "\(outcome.word)",
        ]
        if outcome == .invisible {
            logger.warning("The desk reported a ticket that it does not show us", metadata: metadata)
        } else {
            logger.info("An event of the desk was worked off", metadata: metadata)
        }
    }

    /// - Throws: if that cannot be written down.
    private func putOff(
        _ id: UUID, attempt: Int, createdAt: Date, because error: any Error, _ reason: String
    ) async throws {
        let isGivenUp = try await store.tickets.now().timeIntervalSince(createdAt) > pacing.longestAge
        // The desk's being away is told of once, by the connector.
        logger.log(
            level: error is TicketSystemError && !isGivenUp ? .info : .error,
            isGivenUp
                ? "An event of the desk was given up" : "An event of the desk could not be worked off; it is put off",
            metadata: ["event": "\(id)", "attempt": "\(attempt)", "error": "\(reason)"])
        if isGivenUp {
            try await store.deskEvents.markDead(id: id, attempt: attempt, by: replica, error: reason)
        } else {
            let pause = pacing.row.pause(afterAttempt: attempt)
            try await store.deskEvents.postpone(id: id, attempt: attempt, by: replica, for: pause, error: reason)
        }
    }
}

extension DeskEventOutcome {
    /// For the log.
    fileprivate var word: String {
        switch self {
        case .noted: "noted"
        case .mailed: "mailed"
        case .withheld(let reason): reason
        case .invisible: "invisible"
        }
    }
}
