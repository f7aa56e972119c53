/// A named SQL text. The name stands for it in errors, logs and statistics, and is the name of the prepared
/// statement on the server; it is unique within a program, short, and carries no data ("link.facts").
public struct Statement: Sendable, Hashable {
    /// What errors and logs call the statement. At most 63 bytes, as PostgreSQL's identifiers.
    public let name: String
    /// The text, with `$1`, `$2`, ... for the parameters.
    public let sql: String
    /// Whether the statement may be sent a second time if the connection is lost before its answer came: true for
    /// statements that only read. The client does so once, within the deadline of the call.
    public let isRepeatable: Bool

    /// Names a text. Nothing is checked here: the server reads the text when the statement is first sent.
    public init(_ name: String, repeatable: Bool = false, _ sql: String) {
        self.name = name
        self.sql = sql
        self.isRepeatable = repeatable
    }
}
