import CLibPQ

/// The keywords and values with which libpq connects: those of the connection string and ours.
struct ConnectionParameters: Sendable, Equatable {
    private(set) var values: [String: String]

    /// Reads a URI or key=value string as libpq does, and adds what the configuration asks for. Throws
    /// ``PostgresError`` (`invalidConfiguration`), which does not repeat the string: it may hold a password.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        values = try Self.parse(configuration.url)
        // A peer that vanished without a word is noticed within twenty seconds.
        let keepalive = [
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "15000", "fallback_application_name": configuration.applicationName,
        ]
        values.merge(keepalive) { given, _ in given }
        values["client_encoding"] = "UTF8"
        if configuration.usesPreparedStatements {
            let timeouts =
                "-c statement_timeout=\(configuration.statementTimeout.wholeMilliseconds)"
                + " -c lock_timeout=\(configuration.lockTimeout.wholeMilliseconds)"
            values["options"] = values["options"].map { timeouts + " " + $0 } ?? timeouts
        }
    }

    private static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(text, &message)
        PQfreemem(message)
        guard let parsed else { throw PostgresError(.invalidConfiguration) }
        defer { PQconninfoFree(parsed) }
        var values: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// The same hosts, beginning with another one.
    ///
    /// libpq tries the hosts in turn, but leaves the time limit to whoever calls `PQconnectPoll`: an attempt that hangs at
    /// the first host uses up the whole limit. So the attempt after it begins with the next host.
    func startingAtHost(_ index: Int) -> ConnectionParameters {
        var rotated = self
        let count =
            Self.hostKeywords.compactMap { values[$0]?.split(separator: ",", omittingEmptySubsequences: false).count }
            .max() ?? 1
        guard count > 1, index % count != 0 else { return self }
        for keyword in Self.hostKeywords {
            guard let parts = values[keyword]?.split(separator: ",", omittingEmptySubsequences: false),
                parts.count == count
            else { continue }
            let first = index % count
            rotated.values[keyword] = (parts[first...] + parts[..<first]).joined(separator: ",")
        }
        return rotated
    }

    private static let hostKeywords = ["host", "hostaddr", "port"]
}
