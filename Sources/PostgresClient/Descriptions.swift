// Frameworks print what they run, by reflection if need be. The URL may hold a password, so none of these is reflected.

extension PostgresConfiguration: CustomStringConvertible {
    /// Names the application, never the URL.
    public var description: String { "PostgresConfiguration(\(applicationName))" }
}

extension PostgresClient: CustomStringConvertible {
    public nonisolated var description: String { "PostgresClient" }
}

extension PostgresListener: CustomStringConvertible {
    public var description: String { "PostgresListener" }
}
