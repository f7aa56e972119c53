/// What is sent to the server as one unit, with one point of synchronisation at its end: the statements succeed or fail
/// together. Its answer is one result for each statement.
struct Batch: Sendable {
    struct Step: Sendable {
        let statement: Statement
        let parameters: EncodedParameters
    }

    enum Content: Sendable {
        case steps([Step])
        /// SQL text without parameters, any number of statements, for the simple protocol.
        case script(String)
    }

    let content: Content
    /// The leased connection that the batch is for; nil for any shared one.
    let connection: ConnectionID?
    /// Whether the batch may be sent again after its connection was lost.
    let isRepeatable: Bool
    /// Whether a lost connection rolls the batch back for certain, because COMMIT is not part of it.
    let isInsideTransaction: Bool

    init(_ content: Content, on connection: ConnectionID? = nil, isInsideTransaction: Bool = false) {
        self.content = content
        self.connection = connection
        self.isInsideTransaction = isInsideTransaction
        switch content {
        case .steps(let steps): isRepeatable = connection == nil && steps.allSatisfy(\.statement.isRepeatable)
        case .script: isRepeatable = false
        }
    }

    var isScript: Bool {
        if case .script = content { true } else { false }
    }

    var steps: [Step] {
        if case .steps(let steps) = content { steps } else { [] }
    }

    /// What an error is named after that concerns the batch as a whole.
    var name: String? {
        switch content {
        case .steps(let steps): steps.first?.statement.name
        case .script: "script"
        }
    }
}

/// Names a connection within one client; never used twice.
typealias ConnectionID = Int

typealias PendingBatch = Pending<Batch, [PostgresResult]>

/// One try to get a batch answered.
struct Attempt: Sendable {
    let pending: PendingBatch
    /// The batch was already sent over a connection that was lost.
    var isResent = false
    /// The batch was already sent and refused because of a prepared statement that the server no longer accepted.
    var isPreparedAgain = false
    /// The batch opens a transaction, and nobody waits for it.
    var isOpening = false
}
