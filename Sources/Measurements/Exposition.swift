/// A text for Prometheus, in its exposition format 0.0.4.
public struct Exposition: Sendable {
    /// For the field `Content-Type`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The lines so far.
    public private(set) var text = ""

    public init() {}

    /// Adds counts.
    public mutating func add(_ counter: LabelledCounter) {
        add(counter.definition, counter.samples)
    }

    /// Adds the value of a metric without labels; nil: it is not known, and then absent.
    public mutating func add(_ definition: MetricDefinition, _ value: Double?) {
        guard let value else { return }
        add(definition, [MetricSample(value: value)])
    }

    /// Adds the values of a metric, in the order of their labels.
    public mutating func add(_ definition: MetricDefinition, _ samples: [MetricSample]) {
        guard !samples.isEmpty else { return }
        addHead(definition)
        for sample in samples.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
            addLine(definition.name, Self.pairs(definition, sample.labels), sample.value)
        }
    }

    /// Adds a histogram: its buckets, each with what is below it, the sum and the count.
    public mutating func add(_ histogram: LabelledHistogram) {
        let (definition, samples) = (histogram.definition, histogram.samples)
        guard !samples.isEmpty else { return }
        addHead(definition)
        let bounds = LabelledHistogram.bounds.map(Self.number) + ["+Inf"]
        for (labels, observations) in samples.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let pairs = Self.pairs(definition, labels)
            let counts = observations.cumulativeCounts
            for (bound, count) in zip(bounds, counts) {
                addLine(definition.name + "_bucket", pairs + ["le=\"\(bound)\""], Double(count))
            }
            addLine(definition.name + "_sum", pairs, observations.sum)
            addLine(definition.name + "_count", pairs, Double(counts.last ?? 0))
        }
    }

    private mutating func addHead(_ definition: MetricDefinition) {
        let help = definition.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(definition.name) \(help)\n# TYPE \(definition.name) \(definition.kind.rawValue)\n"
    }

    private mutating func addLine(_ name: String, _ pairs: [String], _ value: Double) {
        let labels = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        text += "\(name)\(labels) \(Self.number(value))\n"
    }

    private static func pairs(_ definition: MetricDefinition, _ values: [String]) -> [String] {
        zip(definition.labels, values).map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
    }

    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        guard let whole = Int64(exactly: value) else { return value.isNaN ? "NaN" : "\(value)" }
        return "\(whole)"
    }
}
