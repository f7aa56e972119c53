import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import SMTPSink
import Synchronization
import TestSupport

@testable import Outbox
@testable import Queues

/// A mail server of the test's own, with what a worker needs to send to it.
struct MailServerFixture: Sendable {
    let sink: SMTPSink
    let curl: CurlClient
    let server: MailServer

    /// A worker of the replica that repeats at once, so that no test waits.
    ///
    /// - Parameter outcomes: gets what became of each attempt.
    func worker(
        _ replica: Replica, desk: ExampleDesk? = nil, pacing: QueuePacing = .impatient,
        timeout: Duration = .seconds(30), logger: Logger = .quiet,
        outcomes: AsyncStream<MailOutcome>.Continuation? = nil
    ) throws -> OutboxWorker {
        var server = server
        server.timeout = timeout
        return OutboxWorker(
            store: replica.store, desk: desk, keys: replica.keys, curl: curl, server: server, site: try .example(),
            replica: "test", pacing: pacing, settings: { Settings() }, logger: logger
        ) { _, outcome in outcomes?.yield(outcome) }
    }
}

extension QueuePacing {
    static var impatient: QueuePacing {
        var pacing = QueuePacing.mails
        pacing.row = BackOff(first: .zero, longest: .zero)
        pacing.contention = .milliseconds(10)
        // Long enough that a test in which nobody wakes the worker fails.
        pacing.longestWait = .seconds(3600)
        return pacing
    }
}

/// Runs the body with a mail server that follows the script.
func withMailServer(
    _ script: SMTPScript = .init(), _ body: @Sendable (MailServerFixture) async throws -> Void
) async throws {
    let sink = SMTPSink(script: script, logger: .quiet)
    let running = Task { try await sink.run() }
    defer { running.cancel() }
    let curl = CurlClient(logger: .quiet)
    let server = try MailServer(url: "smtp://127.0.0.1:\(try await sink.boundPort)", heloName: "client.test")
    let result = await Result(catching: { try await body(.init(sink: sink, curl: curl, server: server)) })
    await curl.close()
    try result.get()
}

extension Replica {
    /// Queues a mail with a link of its own to Anna Example.
    @discardableResult
    func queueMail(
        _ kind: MailKind = .refresh, notificationID: Int? = nil, language: String = "en"
    ) async throws -> QueuedMail {
        let ticket = try exampleTicket().number
        // The desk is asked, so that the facts about the ticket are there.
        _ = try await keeper.chain(from: ticket, known: [], at: store.tickets.now())
        let link = NewLink(
            id: .version7(), ticketNumber: ticket, customerLogin: "anna@example.org", recipient: "anna@example.org",
            keyID: keys.signingKeyID, origin: kind == .refresh ? .refresh : .notification)
        let mail = NewMail(id: .version7(), kind: kind, notificationID: notificationID, language: language)
        let queued = try await store.links.offer(
            ticketNumber: ticket, customerLogin: "anna@example.org", oldLink: nil, lifetimeDays: 14, context: .none
        ) { _ in (link, mail) }
        return try queued.orThrow()
    }

    func claim() async throws -> ClaimedMail {
        try await store.outbox.claim(by: "test", lease: .seconds(60)).orThrow()
    }
}

struct NothingThere: Error {}

extension Optional {
    func orThrow() throws -> Wrapped {
        guard let self else { throw NothingThere() }
        return self
    }
}
