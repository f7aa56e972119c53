/// What a client is doing at this moment.
public struct PostgresStatistics: Sendable, Equatable {
    /// Connections that can answer, leased ones included.
    public let openConnections: Int
    /// Statements, or batches of them, sent and not answered.
    public let inFlight: Int
    /// Calls that wait for a connection.
    public let waiting: Int
    /// How many lost connections have been replaced since the start.
    public let reconnects: Int
}
