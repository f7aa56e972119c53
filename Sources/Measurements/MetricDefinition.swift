/// What one metric is called and what it means; `docs/metrics.md` has a row for each.
public struct MetricDefinition: Sendable, Hashable {
    /// What Prometheus makes of it.
    public enum Kind: String, Sendable {
        /// Only grows while a replica runs.
        case counter
        /// The value of the moment.
        case gauge
        /// Observations counted by size.
        case histogram
    }

    /// With the unit and, for counters, `_total` at its end.
    public let name: String
    public let kind: Kind
    /// In the order in which values are given.
    public let labels: [String]
    /// One sentence for people.
    public let help: String

    init(_ name: String, _ kind: Kind, labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    /// The names of the series that a scrape has of it.
    public var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }
}
