/// What the calls of a client are for, and from that how long they may take. The program's kinds are these three.
///
/// A page has a bound on the length of each call. Bulk work has a bound on silence: a call may take as long as it needs, while the server
/// goes on sending rows. A peer whose machine or network is gone is found out by TCP within twenty seconds, whatever the kind.
public struct WorkKind: Sendable, Hashable {
    /// How long a call waits for a connection; without ``silence``, the limit of the whole call. Longer than one attempt to connect, so
    /// that the second host of a URL has its turn.
    public let wait: Duration
    /// How long the server may send nothing while it answers a call; nil: the whole call is bounded by ``wait``.
    public let silence: Duration?
    /// `statement_timeout` on the server. For bulk work it only ends what a client left behind.
    public let statementTimeout: Duration

    /// Somebody waits for the answer: a customer for a page, the desk for an event, a mail server for the filter.
    public static let page = WorkKind(wait: .seconds(15), silence: nil, statementTimeout: .seconds(10))
    /// What an operator types: it gives up when the server has been silent for a minute.
    public static let command = WorkKind(wait: .seconds(15), silence: .seconds(60), statementTimeout: .seconds(3600))
    /// What reads, counts or merges whole tables: a nightly job, or a command that does such work. A statement that sorts or merges sends
    /// nothing until it is done, so the bound is ten minutes.
    public static let job = WorkKind(wait: .seconds(15), silence: .seconds(600), statementTimeout: .seconds(3600))
}
