/// What a client is doing at this moment.
public struct PostgresStatistics: Sendable, Equatable {
    /// Connections that can answer, leased ones included.
    public let openConnections: Int
    /// Connections that statements and transactions may share.
    public let connectionLimit: Int
    /// Statements, or batches of them, sent and not answered.
    public let inFlight: Int
    /// Calls that wait for a connection.
    public let waiting: Int
    /// How many lost connections have been replaced since the start.
    public let reconnects: Int
    /// How many calls have been accepted since the start.
    public let calls: Int
    /// How long calls have waited for a connection since the start, all taken together.
    public let waited: Duration

    public init(
        openConnections: Int, connectionLimit: Int, inFlight: Int, waiting: Int, reconnects: Int, calls: Int,
        waited: Duration
    ) {
        self.openConnections = openConnections
        self.connectionLimit = connectionLimit
        self.inFlight = inFlight
        self.waiting = waiting
        self.reconnects = reconnects
        self.calls = calls
        self.waited = waited
    }
}
