/// One thing that ``TicketSystem/check()`` tried, for `otalink doctor`.
public struct TicketSystemFinding: Hashable, Sendable {
    /// What was tried, in the order of trying.
    public enum Subject: String, Sendable, CaseIterable {
        case reachable, login, search, ticket, history
        case closeTimes = "close times"
        case timeZone = "time zone"
        /// The dynamic field that marks tickets.
        case field
        /// Whether it may be set.
        case writing = "write permission"
    }

    /// How it went.
    public enum Verdict: String, Sendable {
        case good
        /// It works, but something asks for attention.
        case doubtful
        case bad
        /// It could not be tried; the text says why.
        case untried
    }

    public var subject: Subject
    public var verdict: Verdict
    /// A sentence or two for the operator: what was found, and what to do about it.
    public var text: String

    public init(_ subject: Subject, _ verdict: Verdict, _ text: String) {
        self.subject = subject
        self.verdict = verdict
        self.text = text
    }
}
