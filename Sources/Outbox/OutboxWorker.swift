import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import Queues
import ServiceLifecycle
import TicketSystem

/// Sends what is queued in `mail_outbox`: one of these runs in every replica.
///
/// `QueueLanes` says when it looks for mails. A graceful shutdown claims nothing more and waits for the mails under way.
public final class OutboxWorker: Service, CustomStringConvertible {
    /// The channel that the trigger of `mail_outbox` notifies on.
    public static let channel = QueueLanes.channel

    /// What a framework prints of it; nothing else is reflected, since it holds keys.
    public let description = "OutboxWorker"

    let store: LinkStore
    let desk: (any TicketSystem)?
    let curl: CurlClient
    let server: MailServer
    let site: MailSite
    let keys: KeyRing
    let settings: @Sendable () -> Settings
    let pacing: QueuePacing
    let logger: Logger
    private let replica: String
    private let onOutcome: @Sendable (ClaimedMail, MailOutcome) -> Void
    private let lanes: QueueLanes

    /// - Parameters:
    ///   - desk: asked for articles that notifications quote; nil: their tags become `-`.
    ///   - replica: names the claims of this replica.
    ///   - onOutcome: told of every attempt, for counters and tests.
    public init(
        store: LinkStore, desk: (any TicketSystem)? = nil, keys: KeyRing, curl: CurlClient, server: MailServer,
        site: MailSite, replica: String,
        pacing: QueuePacing = .mails, settings: @escaping @Sendable () -> Settings, logger: Logger,
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
        lanes = QueueLanes(pacing: pacing)
    }

    /// Takes what the listening connection tells.
    public func apply(_ event: PostgresListener.Event) { lanes.apply(event) }

    /// Sends until the service is told to end. May be called once.
    public func run() async throws {
        await lanes.run(claim: claim, secondsUntilDue: store.outbox.secondsUntilDue) { [logger] error in
            logger.error("The outbox cannot be read; trying again", metadata: ["error": "\(error)"])
        }
    }

    @Sendable private func claim() async throws -> QueueLanes.Claim {
        do {
            guard let mail = try await store.outbox.claim(by: replica, lease: lease) else { return .nothing }
            return .work { await self.attempt(mail) }
        } catch let row as UnreadableRow {
            try await putOff(row)
            return .putOff
        }
    }

    /// How long a claim holds: the conversation with the mail server and the writing of its outcome.
    var lease: Duration { server.timeout + .seconds(60) }

    /// A mail whose row cannot be read waits beside the others, and is given up when it is too old.
    private func putOff(_ row: UnreadableRow) async throws {
        logger.error(
            "A mail in the outbox cannot be read; it is put off",
            metadata: ["mail": "\(row.id)", "attempt": "\(row.attempt)", "error": "\(row.reason)"])
        if try await store.tickets.now().timeIntervalSince(row.createdAt) > pacing.longestAge {
            try await store.outbox.markDead(id: row.id, error: row.reason)
        } else {
            let pause = pacing.row.pause(afterAttempt: row.attempt)
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
