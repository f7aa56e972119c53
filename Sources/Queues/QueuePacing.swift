import Foundation

/// How a queue in the database is worked off: our mails, and what the desk reported.
public struct QueuePacing: Sendable {
    /// Rows under way at once. Of mails not more than the mail connections of the `CurlClient`.
    public var lanes = 4
    /// Pauses between the attempts for one row.
    public var row: BackOff
    /// A row is given up at the first failure after this age, in seconds by the database's clock.
    public var longestAge: TimeInterval = 3 * 86_400
    /// Pauses while the database does not answer.
    public var database = BackOff(first: .milliseconds(500), longest: .seconds(30))
    /// The longest time without a look at the queue, for times when nobody can listen.
    public var longestWait: Duration = .seconds(60)
    /// The pause when a row is due and cannot be claimed, because another that must not run beside it is under way.
    public var contention: Duration = .seconds(1)

    /// - Parameter row: the pauses between the attempts for one row.
    public init(row: BackOff) {
        self.row = row
    }

    /// The defaults for mails.
    public static let mails = QueuePacing(row: BackOff(first: .seconds(30), longest: .seconds(3600)))
    /// The defaults for events of the desk: a customer waits for the mail of one, and a desk that starts again is there within seconds.
    public static let deskEvents = QueuePacing(row: BackOff(first: .seconds(2), longest: .seconds(600)))
}
