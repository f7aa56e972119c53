import Foundation
import Synchronization
import TestSupport
import Testing

/// Every reader of foreign text over every hostile shape.
@Suite("Hostile texts", .serialized)
struct HostileTextTests {
    /// `make fuzz` sets more.
    private static let seconds = ProcessInfo.processInfo.environment["OTALINK_FUZZ_SECONDS"].flatMap { Int($0) } ?? 3

    private static let meter = seconds > 3 ? CostMeter(longest: 1 << 17) : CostMeter()

    @Test(
        "Four times the text costs about four times as much, never eight times, and no byte costs much",
        arguments: ForeignReader.all)
    func growth(reader: ForeignReader) async {
        let steep = await onOwnThread {
            HostileShape.all(for: reader).compactMap { shape in steepness(of: reader, shape, Self.meter) }
        }
        #expect(steep.isEmpty, "\(steep.joined(separator: "\n"))")
    }

    @Test("Shapes that nobody has thought of are no steeper")
    func randomGrowth() async {
        let (worst, steep) = await onOwnThread {
            var generator = SeededGenerator(seed: Self.seconds > 3 ? .random(in: .min ... .max) : 20_261_128)
            let limit = ContinuousClock.now + .seconds(Self.seconds)
            var worst: (ratio: Double, words: String) = (0, "none was long enough to be measured")
            var steep: [String] = []
            var count = 0
            while ContinuousClock.now < limit, let reader = ForeignReader.all.randomElement(using: &generator) {
                let shape = HostileShape.random(for: reader, &generator)
                let meter = CostMeter(enough: 0.02, longest: 1 << 20)
                let growth = meter.growth(of: reader, in: shape)
                count += 1
                guard let ratio = growth.ratio, ratio > worst.ratio else { continue }
                worst = (ratio, words(reader, shape, growth))
                if growth.isSteep { steep.append(worst.words) }
            }
            return ("\(count) shapes in \(Self.seconds) s; the largest ratio: \(worst.words)", steep)
        }
        print(worst)
        #expect(steep.isEmpty, "\(steep.joined(separator: "\n"))")
    }
}

/// What is wrong with the growth; nil: nothing.
private func steepness(of reader: ForeignReader, _ shape: HostileShape, _ meter: CostMeter) -> String? {
    let growth = meter.growth(of: reader, in: shape)
    guard growth.ratio != nil, growth.isSteep || growth.isDear else { return nil }
    return words(reader, shape, growth)
}

private func words(_ reader: ForeignReader, _ shape: HostileShape, _ growth: Growth) -> String {
    let numbers = [growth.ratio ?? 0, growth.seconds * 1_000].map { String(format: "%.1f", $0) }
    return "\(numbers[0]) times for four times \(growth.length / 4) bytes (\(numbers[1]) ms), \(reader.name): \(shape)"
}
