import Synchronization

/// Counts durations by their size, and by the values of the metric's labels; many tasks may observe at a time.
public final class LabelledHistogram: Sendable {
    /// Upper bounds in seconds: from what needs no query to what a customer would not wait for.
    public static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// What was observed under the same labels.
    public struct Observations: Sendable, Hashable {
        /// For each bound, and for all above the last one.
        fileprivate(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
        fileprivate(set) var sum = 0.0

        fileprivate mutating func add(_ seconds: Double, at index: Int) {
            counts[index] += 1
            sum += seconds
        }

        /// Observations up to each bound, and at the end all of them.
        public var cumulativeCounts: [Int] {
            var total = 0
            return counts.map { count in
                total += count
                return total
            }
        }
    }

    public let definition: MetricDefinition
    private let observations = Mutex([[String]: Observations]())

    public init(_ definition: MetricDefinition) {
        self.definition = definition
    }

    /// - Parameter labels: one value for each label of the metric; each is one of few.
    public func observe(_ duration: Duration, _ labels: String...) {
        let seconds = duration.inSeconds
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        observations.withLock { $0[labels, default: Observations()].add(seconds, at: index) }
    }

    /// What was observed so far, by the values of the labels.
    public var samples: [[String]: Observations] { observations.withLock { $0 } }
}

extension Duration {
    /// As metrics have it.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
