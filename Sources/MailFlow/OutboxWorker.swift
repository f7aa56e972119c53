import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ServiceLifecycle
import Synchronization
import TicketSystem

/// Sends what is queued in `mail_outbox`: one of these runs in every replica.
///
/// Woken by the notification of a queued mail, by the end of a mail under way, and when the next mail is due. A
/// graceful shutdown claims nothing more and waits for the mails under way.
public final class OutboxWorker: Service, CustomStringConvertible {
    /// The channel that the trigger of `mail_outbox` notifies on.
    public static let channel = "otalink_mail"

    /// What a framework prints of it; nothing else is reflected, since it holds keys.
    public let description = "OutboxWorker"

    let store: LinkStore
    let desk: (any TicketSystem)?
    let curl: CurlClient
    let server: MailServer
    let site: MailSite
    let keys: KeyRing
    let settings: @Sendable () -> Settings
    let pacing: OutboxPacing
    let logger: Logger
    private let replica: String
    private let onOutcome: @Sendable (ClaimedMail, MailOutcome) -> Void
    private let lanesInUse = Mutex(0)
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - desk: asked for articles that notifications quote; nil: their tags become `-`.
    ///   - replica: names the claims of this replica.
    ///   - onOutcome: told of every attempt, for counters and tests.
    public init(
        store: LinkStore, desk: (any TicketSystem)? = nil, keys: KeyRing, curl: CurlClient, server: MailServer,
        site: MailSite, replica: String,
        pacing: OutboxPacing = OutboxPacing(), settings: @escaping @Sendable () -> Settings, logger: Logger,
        onOutcome: @escaping @Sendable (ClaimedMail, MailOutcome) -> Void = { _, _ in }
    ) {
        self.store = store
        self.desk = desk
        self.keys = keys
        self.curl = curl
        self.server = server
        self.site = site
        self.replica = replica
        self.pacing = pacing
        self.settings = settings
        self.logger = logger
        self.onOutcome = onOutcome
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    /// Takes what the listening connection tells.
    public func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening: waker.yield()
        case .notification(let channel, _) where channel == Self.channel: waker.yield()
        case .notification, .confirmed, .lost, .unproven: break
        }
    }

    /// Sends until the service is told to end. May be called once.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            var alarm: Task<Void, Never>?
            var failures = 0
            for await _ in wakes.cancelOnGracefulShutdown() {
                alarm?.cancel()
                alarm = await fillLanes(&group, failures: &failures).map(setAlarm)
            }
            alarm?.cancel()
        }
    }

    /// Claims what is due and starts sending it.
    ///
    /// - Returns: how long to wait if nothing happens; nil: for the end of a mail under way.
    private func fillLanes(_ group: inout DiscardingTaskGroup, failures: inout Int) async -> Duration? {
        do {
            while lanesInUse.withLock({ $0 < pacing.lanes }), !Task.isShuttingDownGracefully {
                let claimed: ClaimedMail?
                do {
                    claimed = try await store.outbox.claim(by: replica, lease: lease)
                } catch let row as UnreadableRow {
                    try await putOff(row)
                    continue
                }
                guard let mail = claimed else {
                    let pause = try await pauseUntilDue()
                    failures = 0
                    return pause
                }
                lanesInUse.withLock { $0 += 1 }
                group.addTask {
                    await self.attempt(mail)
                    self.lanesInUse.withLock { $0 -= 1 }
                    self.waker.yield()
                }
            }
            return nil
        } catch is CancellationError {
            return nil
        } catch {
            failures += 1
            logger.error("The outbox cannot be read; trying again", metadata: ["error": "\(error)"])
            return pacing.database.pause(afterAttempt: failures)
        }
    }

    /// How long a claim holds: the conversation with the mail server and the writing of its outcome.
    var lease: Duration { server.timeout + .seconds(60) }

    private func pauseUntilDue() async throws -> Duration {
        guard let seconds = try await store.outbox.secondsUntilDue() else { return pacing.longestWait }
        // Whatever time stands in the row, no duration overflows.
        return seconds > 0 ? min(.seconds(min(seconds, 86_400)), pacing.longestWait) : pacing.contention
    }

    private func setAlarm(after pause: Duration) -> Task<Void, Never> {
        Task { [waker] in
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            waker.yield()
        }
    }

    /// A mail whose row cannot be read waits beside the others, and is given up when it is too old.
    private func putOff(_ row: UnreadableRow) async throws {
        logger.error(
            "A mail in the outbox cannot be read; it is put off",
            metadata: ["mail": "\(row.id)", "attempt": "\(row.attempt)", "error": "\(row.reason)"])
        if try await store.tickets.now().timeIntervalSince(row.createdAt) > pacing.longestAge {
            try await store.outbox.markDead(id: row.id, error: row.reason)
        } else {
            let pause = pacing.mail.pause(afterAttempt: row.attempt)
            try await store.outbox.postpone(id: row.id, for: pause, error: row.reason)
        }
    }

    private func attempt(_ mail: ClaimedMail) async {
        let outcome = await deliver(mail)
        logger.info(
            "A mail was attempted",
            metadata: [
                "mail": "\(mail.id.text)", "link": "\(mail.link.id.text)", "attempt": "\(mail.attempt)",
                "outcome": "\(outcome.word)",
            ])
        onOutcome(mail, outcome)
    }
}
