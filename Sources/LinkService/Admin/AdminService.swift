import HTTPTypes
import Hummingbird
import LinkStore
import Logging
import Measurements
import PostgresClient
import TicketSystem

/// What a replica tells of itself on a port of its own, which customers do not reach: metrics in Prometheus' text format.
public struct AdminService: Sendable {
    private let measurements: ServiceMeasurements
    private let listener: ListenerHealth
    let database: @Sendable () async -> PostgresStatistics
    private let desk: @Sendable () async -> DeskStanding
    private let counts: StoreCountsReader
    private let logger: Logger

    /// - Parameters:
    ///   - database: what the pool of connections is doing.
    ///   - readCounts: reads what is stored; asked seldom, and its failure fails no scrape.
    public init(
        measurements: ServiceMeasurements, listener: ListenerHealth,
        database: @escaping @Sendable () async -> PostgresStatistics,
        desk: @escaping @Sendable () async -> DeskStanding,
        readCounts: @escaping @Sendable () async throws -> StoreCounts, logger: Logger
    ) {
        self.measurements = measurements
        self.listener = listener
        self.database = database
        self.desk = desk
        counts = StoreCountsReader(logger: logger, read: readCounts)
        self.logger = logger
    }

    /// The application, ready to run.
    ///
    /// - Parameters:
    ///   - port: 0: one that the kernel chooses.
    ///   - onBound: told the port once it listens.
    public func application(
        host: String, port: Int, onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = Router(context: BasicRequestContext.self)
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: Exposition.contentType],
                body: .init(byteBuffer: ByteBuffer(string: await metrics())))
        }
        return Application(
            router: router, server: ConnectionLimits().server { _ in },
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onBound(port) }
            },
            logger: logger)
    }

    /// All metrics as they stand. Waits for nothing but, for a second at most, the numbers of what is stored.
    func metrics() async -> String {
        var text = Exposition()
        text.add(measurements.requests)
        text.add(measurements.requestDurations)
        text.add(measurements.redemptions)
        text.add(measurements.limited)
        text.add(measurements.cutConnections)
        text.add(measurements.deskCalls)
        text.add(measurements.deskCallDurations)
        text.add(await desk())
        text.add(await database())
        text.add(listener)
        text.add(await counts.current())
        text.add(ProcessFacts.read())
        return text.text
    }
}
