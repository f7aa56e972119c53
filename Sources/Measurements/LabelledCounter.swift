import Synchronization

/// Counts events by the values of the metric's labels; many tasks may count at a time.
public final class LabelledCounter: Sendable {
    public let definition: MetricDefinition
    private let counts = Mutex([[String]: Int]())

    /// Of a counter without labels the one count begins at zero; the others appear when they happen first.
    public init(_ definition: MetricDefinition) {
        self.definition = definition
        if definition.labels.isEmpty { counts.withLock { $0[[]] = 0 } }
    }

    /// - Parameter labels: one value for each label of the metric; each is one of few.
    public func increment(_ labels: String...) {
        counts.withLock { $0[labels, default: 0] += 1 }
    }

    /// The counts as they stand.
    public var samples: [MetricSample] {
        counts.withLock { $0 }.map { MetricSample(labels: $0.key, value: Double($0.value)) }
    }
}

/// A value of a metric.
public struct MetricSample: Sendable, Hashable {
    /// One for each label of the metric.
    public let labels: [String]
    public let value: Double

    public init(labels: [String] = [], value: Double) {
        self.labels = labels
        self.value = value
    }
}
