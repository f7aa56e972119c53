import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import SMTPSink
import ServiceLifecycle
import TestSupport
import Testing

@testable import Outbox
@testable import Queues

@Suite("The outbox as a service", .timeLimit(.minutes(10)))
struct OutboxServiceTests {
    @Test("An old link is clicked, the mail comes, and its link signs in")
    func wholeWay() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                let old = try await replicas[0].token()
                guard case .signedIn = try await replicas[0].click(old) else {
                    Issue.record("the first click must sign in")
                    return
                }
                try await withRunning(try mailServer.worker(replicas[1]), database) { _ in
                    #expect(try await replicas[0].click(old, browser: 2) == .message(.newLink))
                    let mail = try await mailServer.sink.nextMail()
                    #expect(mail.recipients == ["anna@example.org"])
                    let token = try WrittenMail(mail.data).token.orThrow()
                    guard case .signedIn = try await replicas[0].click(token, browser: 3) else {
                        Issue.record("the link of the mail must sign in")
                        return
                    }
                }
            }
        }
    }

    @Test("A mail that is queued while the service waits wakes it, and one that failed is repeated when it is due")
    func woken() async throws {
        let script = SMTPScript(faults: [.recipient: .reply("450 4.2.1 Later")], faultyConnections: 2)
        try await withMailServer(script) { mailServer in
            try await withReplicas { replicas, _, database in
                let (outcomes, sent) = AsyncStream<MailOutcome>.makeStream()
                let worker = try mailServer.worker(replicas[0], outcomes: sent)
                try await withRunning(worker, database) { _ in
                    try await replicas[1].queueMail()
                    let expected: [MailOutcome] = [
                        .postponed(isOutcomeUnknown: false), .postponed(isOutcomeUnknown: false), .sent,
                    ]
                    #expect(await outcomes.prefix(3).reduce(into: []) { $0.append($1) } == expected)
                }
            }
        }
    }

    @Test("A graceful shutdown lets the mail under way end, and claims no other")
    func shutdown() async throws {
        try await withMailServer(SMTPScript(faults: [.endOfData: .pause])) { mailServer in
            try await withReplicas { replicas, _, database in
                var pacing = QueuePacing.impatient
                pacing.lanes = 1
                let worker = try mailServer.worker(replicas[0], pacing: pacing)
                try await withRunning(worker, database) { group in
                    try await replicas[1].queueMail()
                    try await replicas[1].queueMail()
                    try await mailServer.sink.untilReached(.endOfData)
                    await group.triggerGracefulShutdown()
                    let claimed = "SELECT count(*) FROM otalink.mail_outbox WHERE claimed_by IS NOT NULL"
                    #expect(try await database.psql(claimed) == "1")
                    await mailServer.sink.resume()
                }
                let states = "SELECT string_agg(state, ' ' ORDER BY state) FROM otalink.mail_outbox"
                #expect(try await database.psql(states) == "queued sent")
            }
        }
    }

    @Test("Mails to several people go out side by side, those to one person one after the other")
    func lanes() async throws {
        try await withMailServer(SMTPScript(faults: [.endOfData: .pause])) { mailServer in
            try await withReplicas { replicas, desk, database in
                try await replicas[0].queueMail()
                try await replicas[0].queueMail()
                _ = try await database.psql(
                    """
                    INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                    VALUES ('bert@example.org', 'bert@example.org', 'bert@example.org', 'Bert', 'Example')
                    """)
                try await Self.queueMailToBert(replicas[0], desk: desk)
                let (outcomes, sent) = AsyncStream<MailOutcome>.makeStream()
                let worker = try mailServer.worker(replicas[0], outcomes: sent)
                try await withRunning(worker, database) { _ in
                    try await mailServer.sink.untilReached(.endOfData, times: 2)
                    let claimed =
                        "SELECT string_agg(customer_login, ' ' ORDER BY customer_login) "
                        + "FROM otalink.mail_outbox WHERE claimed_by IS NOT NULL"
                    #expect(try await database.psql(claimed) == "anna@example.org bert@example.org")
                    await mailServer.sink.follow(SMTPScript())
                    await mailServer.sink.resume()
                    let all = await outcomes.prefix(3).reduce(into: []) { $0.append($1) }
                    // Of Anna's two links the older is superseded if the newer one's mail goes first.
                    #expect(all.filter { $0 != .dropped(.linkSuperseded) }.allSatisfy { $0 == .sent })
                }
            }
        }
    }

    @Test("While the database is away the worker waits, and goes on when it is back")
    func databaseAway() async throws {
        try await withMailServer { mailServer in
            let cluster = try await PostgresCluster(settings: [])
            try await cluster.migratedDatabase { database in
                let desk = ExampleDesk([try exampleTicket()])
                let replica = try Replica(url: database.url, desk: desk)
                _ = try await replica.store.customerUsers.create(
                    CustomerUser(
                        login: "anna@example.org", email: "anna@example.org", customerID: "anna@example.org",
                        firstName: "Anna", lastName: "Example"), preferences: [:], context: .none)
                try await replica.queueMail()
                try await cluster.stop(mode: "immediate")
                var pacing = QueuePacing.impatient
                pacing.database = BackOff(first: .milliseconds(50), longest: .milliseconds(50))
                let worker = try mailServer.worker(replica, pacing: pacing)
                let running = Task { try await worker.run() }
                try await cluster.restart()
                _ = try await mailServer.sink.nextMail()
                running.cancel()
                try await running.value
                await replica.client.close()
            }
        }
    }

    private static func queueMailToBert(_ replica: Replica, desk: ExampleDesk) async throws {
        let number = try TicketNumber("2026112510000027").orThrow()
        var ticket = try exampleTicket()
        ticket.number = number
        ticket.ticketID = 2
        ticket.customerLogin = "bert@example.org"
        desk.change { [ticket] in $0.tickets[number] = ticket }
        _ = try await replica.keeper.chain(from: number, known: [], at: replica.store.tickets.now())
        let link = NewLink(
            id: .version7(), ticketNumber: number, customerLogin: "bert@example.org", recipient: "bert@example.org",
            keyID: replica.keys.signingKeyID, origin: .refresh)
        let mail = NewMail(id: .version7(), kind: .refresh, notificationID: nil, language: "de")
        _ = try await replica.store.links.offer(
            ticketNumber: number, customerLogin: "bert@example.org", oldLink: nil, lifetimeDays: 14, context: .none
        ) { _ in (link, mail) }
    }

    /// Runs the worker with a listening connection, and ends both gracefully after the body.
    private func withRunning(
        _ worker: OutboxWorker, _ database: TestDatabase,
        _ body: @Sendable (ServiceGroup) async throws -> Void
    ) async throws {
        let listener = PostgresListener(
            database.configuration(), channels: [OutboxWorker.channel], logger: .quiet, onEvent: worker.apply)
        let group = ServiceGroup(configuration: .init(services: [listener, worker], logger: .quiet))
        let running = Task { try await group.run() }
        let result = await Result(catching: { try await body(group) })
        await group.triggerGracefulShutdown()
        try await running.value
        try result.get()
    }
}
