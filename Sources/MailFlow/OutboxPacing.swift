import Foundation

/// How the outbox is worked off.
public struct OutboxPacing: Sendable {
    /// Mails under way at once; not more than the mail connections of the `CurlClient`.
    public var lanes = 4
    /// Pauses between the attempts for one mail.
    public var mail = BackOff(first: .seconds(30), longest: .seconds(3600))
    /// A mail is given up at the first failure after this age, in seconds by the database's clock.
    public var longestAge: TimeInterval = 3 * 86_400
    /// Pauses while the database does not answer.
    public var database = BackOff(first: .milliseconds(500), longest: .seconds(30))
    /// The longest time without a look at the outbox, for times when nobody can listen.
    public var longestWait: Duration = .seconds(60)
    /// The pause when a mail is due and cannot be claimed, because another to the same customer user is under way.
    public var contention: Duration = .seconds(1)

    /// The defaults.
    public init() {}
}
