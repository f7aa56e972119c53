import ArgumentParser
import CurlClient
import DeskReports
import Foundation
import Jobs
import LinkActs
import LinkService
import LinkStore
import Measurements
import Migrator
import NIOCore
import Outbox
import PostgresClient
import ServiceLifecycle
import TicketSystem

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run one replica of the service until SIGTERM.",
        discussion: """
            Any number of replicas share one database and keep nothing of their own. After SIGTERM a replica calls itself not ready, answers for \
            another OTALINK_DRAIN_SECONDS, and ends with 0. The schema must be up to date: otalink migrate up.

              otalink serve
            """)

    func run() async throws {
        let environment = ServiceEnvironment()
        try environment.check()
        let baseURL = try environment.baseURL()
        let address = try environment.listenAddress()
        let adminAddress = try environment.adminListenAddress()
        let deskTicketURL = try environment.deskTicketURL()
        let directory = try MigrationDirectory.load(MigrationFiles.path())
        try await Surroundings.with(isService: true, work: .page) { surroundings in
            let curl = surroundings.curlClient()
            let measurements = ServiceMeasurements()
            try await Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
                .requireCurrent()
            let store = surroundings.store
            let cache = SessionCache()
            let settings = try await LiveSettings(store: store, logger: surroundings.logger)
            let acts = try surroundings.acts(curl: curl, settings: { settings.current }) { measurements.add($0) }
            let site = MailSite(
                from: try environment.mailSender(), envelopeFrom: try environment.mailEnvelopeSender(),
                host: baseURL.host, timeZone: try environment.desk().timeZone,
                linkURL: { baseURL.link(token: $0) }, ticketURL: { deskTicketURL + $0.number.text })
            let ownAddresses = OwnAddressPublisher(store: store, site: site, logger: surroundings.logger)
            // Before the first event is judged by them.
            try await ownAddresses.publish()
            let worker = OutboxWorker(
                store: store, desk: acts.desk, keys: acts.keys, curl: curl, server: try environment.mailServer(),
                site: site, replica: environment.replicaName, settings: { settings.current },
                logger: surroundings.logger)
            let linkRequests = LinkRequestWorker(
                store: store, answer: AnswerLinkRequest(store: store, keys: acts.keys, keeper: acts.keeper),
                settings: { settings.current }, logger: surroundings.logger)
            let events = DeskEventWorker(
                store: store,
                take: TakeDeskEvent(
                    store: store, keys: acts.keys, keeper: acts.keeper,
                    reception: DeskReception(
                        store: store, desk: acts.desk, logger: surroundings.logger,
                        customers: { try surroundings.customers($0) })),
                replica: environment.replicaName, settings: { settings.current }, logger: surroundings.logger)
            let health = ListenerHealth()
            var listening = try environment.database(for: .page, direct: true)
            listening.applicationName = "otalink listener"
            let listener = PostgresListener(
                listening,
                channels: [AccessNotice.channel, LiveSettings.channel, OutboxWorker.channel],
                notifier: surroundings.client, logger: surroundings.logger
            ) { [logger = surroundings.logger] event in
                // First: who reads the log finds the metrics say the same.
                health.apply(event)
                if event == .unproven { logger.error("\(DirectConnection.remedy)") }
                cache.apply(event)
                settings.apply(event)
                worker.apply(event)
                linkRequests.apply(event)
                events.apply(event)
            }
            let visits = VisitLog(audit: store.audit, logger: surroundings.logger)
            let foreignHosts = ForeignHostLog(store: store.foreignHosts, logger: surroundings.logger)
            let draining = Draining(pause: try environment.drainTime(), logger: surroundings.logger)
            let refresh = RefreshLink(store: store, keys: acts.keys)
            let desk = acts.desk
            let dependencies = LinkServiceDependencies(
                baseURL: baseURL, deskTicketURL: deskTicketURL, timeZone: try environment.desk().timeZone,
                keys: acts.keys, store: store, desk: acts.desk,
                redeem: RedeemToken(
                    store: store, keys: acts.keys, keeper: acts.keeper, refresh: refresh, logger: surroundings.logger),
                issue: acts.issue, offer: OfferLink(store: store, keys: acts.keys, keeper: acts.keeper),
                findAddOnLink: FindAddOnLink(links: store.addOnLinks) { settings.hasAddOnLinks },
                checkSession: CheckSession(store: store, keys: acts.keys, keeper: acts.keeper, cache: cache),
                noteVisit: { visits.note($0) },
                customers: { try surroundings.customers($0) },
                settings: { settings.current },
                isReady: { (try? await store.tickets.now()) != nil && !draining.hasBegun },
                trustedProxies: try environment.trustedProxies(),
                hosts: try environment.hosts(), noteForeignHost: { foreignHosts.note($0) },
                spoolDirectory: try environment.spoolDirectory(), longWork: surroundings.longWork,
                measurements: measurements,
                logger: surroundings.logger)
            let zone = try environment.desk().timeZone
            let jobs: [Job] = [
                .expireLinks(desk: acts.desk, settings: { settings.current }, logger: surroundings.logger),
                .trimAuditTrail(settings: { settings.current }),
                .rotateSigningKeys(ring: acts.keys, settings: { settings.current }),
            ]
            // Locks of sessions do not pass a pooler; each job needs a connection, and seldom; so does counting.
            var direct = try environment.database(for: .job, direct: true)
            direct.connections = jobs.count + 1
            direct.applicationName = "otalink jobs"
            let directClient = PostgresClient(direct, logger: surroundings.logger)
            let runners = jobs.map { job in
                JobRunner(
                    job: job, client: directClient, zone: zone, replica: environment.replicaName,
                    mayRun: { !health.isUnproven }, logger: surroundings.logger)
            }
            let application = LinkService.application(dependencies, host: address.host, port: address.port)
            let admin = adminAddress.map { address in
                AdminService(
                    measurements: measurements, listener: health, database: { await surroundings.client.statistics() },
                    desk: { await desk.standing() },
                    // Apart from the connections that customers wait for.
                    readCounts: { try await LinkStore(client: directClient).counting.read() },
                    logger: surroundings.logger
                ).application(host: address.host, port: address.port)
            }
            // Ended in reverse: readiness first, then requests, then what they need.
            let watching: [any Service] = admin.map { [$0] } ?? []
            let group = ServiceGroup(
                configuration: .init(
                    services: watching + [listener, settings, ownAddresses, worker, linkRequests, events, visits]
                        + [foreignHosts] + runners + [application, draining],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: surroundings.logger))
            do {
                try await group.run()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                throw Advice(
                    text:
                        "Another program listens on \(address.host):\(address.port)"
                        + (adminAddress.map { " or \($0.host):\($0.port)" } ?? "") + " already. Set OTALINK_LISTEN"
                        + (adminAddress == nil ? "" : " or OTALINK_ADMIN_LISTEN") + " to a free port."
                )
            }
            await directClient.close()
            await curl.close()
        }
    }
}

extension ServiceMeasurements {
    /// Counts a call of the desk.
    fileprivate func add(_ call: DeskCall) {
        deskCalls.increment(call.operation, call.outcome)
        deskCallDurations.observe(call.duration, call.operation)
    }
}
