/// Where the database is and how patient the client is with it.
public struct PostgresConfiguration: Sendable {
    /// A libpq connection URI or key=value string. Several hosts with `target_session_attrs` are allowed.
    public var url: String
    /// Upper limit of the connections shared by short statements and transactions. Connections of
    /// ``PostgresClient/withConnection(deadline:_:)``, of advisory locks and of listeners come on top.
    public var connections: Int
    /// How many statements may be on their way on one shared connection at a time.
    public var pipelineDepth: Int
    /// `statement_timeout` on the server. See ``usesPreparedStatements`` for PgBouncer.
    public var statementTimeout: Duration
    /// `lock_timeout` on the server. See ``usesPreparedStatements`` for PgBouncer.
    public var lockTimeout: Duration
    /// The longest time that one attempt to connect may take, over all its hosts.
    public var connectTimeout: Duration
    /// The deadline of a call that names none, waiting for a connection included; with ``silence``, of the wait for a connection.
    public var deadline: Duration
    /// For bulk work: how long the server may send nothing while it answers a call that names no deadline. Nil: ``deadline`` bounds the
    /// whole call.
    public var silence: Duration?
    /// False for PgBouncer in transaction mode before release 1.21, which cannot keep prepared statements: then unnamed
    /// statements are sent.
    ///
    /// PgBouncer also refuses the startup parameter `options`, and a `SET` of ours would outlive our turn on the server's
    /// connection. So with `false` no timeout is set at the start: transactions set theirs with `SET LOCAL`, and for single
    /// statements the operator sets them at the role (`ALTER ROLE otalink SET statement_timeout = '10s'`).
    public var usesPreparedStatements: Bool
    /// `application_name`, by which `pg_stat_activity` shows the connections, unless the URL names another.
    public var applicationName: String

    /// A configuration with the defaults that suit a service.
    ///
    /// - Parameters:
    ///   - work: what the calls are for; says `statementTimeout`, `deadline` and `silence` where they are not given.
    public init(
        url: String,
        connections: Int = 8,
        pipelineDepth: Int = 4,
        work: WorkKind = .page,
        statementTimeout: Duration? = nil,
        lockTimeout: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(5),
        deadline: Duration? = nil,
        usesPreparedStatements: Bool = true,
        applicationName: String = "otalink"
    ) {
        self.url = url
        self.connections = max(1, connections)
        self.pipelineDepth = max(1, pipelineDepth)
        self.statementTimeout = statementTimeout ?? work.statementTimeout
        self.lockTimeout = lockTimeout
        self.connectTimeout = connectTimeout
        self.deadline = deadline ?? work.wait
        self.silence = work.silence
        self.usesPreparedStatements = usesPreparedStatements
        self.applicationName = applicationName
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
