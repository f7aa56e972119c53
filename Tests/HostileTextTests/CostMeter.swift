import Foundation

/// How the cost of reading a text grows with its length.
struct Growth: Sendable {
    /// The cost of 4n bytes over that of n; about 4 for a linear reader, 16 for a quadratic one, 1 for one that stops at a bound.
    /// Nil: so cheap at any length that it cannot be measured.
    let ratio: Double?
    /// The longer of the two lengths, in bytes.
    let length: Int
    /// The cost of that length, in seconds of processor time.
    let seconds: Double

    /// True if the cost grows faster than the text, and is no trifle at that length: a reader that stops early at one length and
    /// not at the next is not steep.
    var isSteep: Bool {
        (ratio ?? 0) >= CostMeter.tooSteep && seconds / Double(length) > CostMeter.cheapByte
    }

    /// True if a text that is no riddle for its length takes a replica's time all the same.
    var isDear: Bool { seconds / Double(length) > CostMeter.dearestByte }
}

/// Measures in processor time of its own thread, so that a busy machine does not make a reader look slow.
struct CostMeter {
    /// Texts are made longer until reading one takes this long, in seconds.
    var enough = 0.002
    /// No text is made longer than this, in bytes; `make fuzz` goes further.
    var longest = 1 << 15

    /// A ratio from here on counts as worse than linear.
    static let tooSteep = 8.0
    /// The dearest byte that a reader of an unoptimised build may have, in seconds; most cost a tenth of a microsecond to five.
    static let dearestByte = 0.000_04
    /// A reader that looks at the rest of the text for each byte of it needs ten times as much, in seconds.
    static let cheapByte = 0.000_000_2
    /// A ratio from here on is measured again, since other work on the machine can cause it.
    private static let doubtful = 5.5
    /// A cost below this, in seconds, is lost in the noise.
    private static let noise = 0.000_3
    /// Where even a doubtful reader is not given longer texts, in seconds.
    private static let patience = 0.5

    func growth(of reader: ForeignReader, in shape: HostileShape) -> Growth {
        var length = 1_024
        var small = cost(of: reader, shape.text(length))
        while true {
            let large = cost(of: reader, shape.text(4 * length))
            let isLongest = 4 * length >= longest
            if large >= enough || isLongest {
                let growth = growth(of: reader, shape, length: length, small, large)
                // A window that a reader looks ahead makes short texts look steep; it ends where the window does.
                if !growth.isSteep || isLongest || growth.seconds > Self.patience { return growth }
            }
            (length, small) = (4 * length, large)
        }
    }

    private func growth(
        of reader: ForeignReader, _ shape: HostileShape, length: Int, _ small: Double, _ large: Double
    ) -> Growth {
        guard large >= Self.noise else { return Growth(ratio: nil, length: 4 * length, seconds: large) }
        var (small, large) = (small, large)
        for _ in 0..<4 where large / small >= Self.doubtful {
            let (short, long) = (shape.text(length), shape.text(4 * length))
            for _ in 0..<3 { small = min(small, cost(of: reader, short)) }
            for _ in 0..<3 { large = min(large, cost(of: reader, long)) }
        }
        return Growth(ratio: large / max(small, 0.000_001), length: 4 * length, seconds: large)
    }

    private func cost(of reader: ForeignReader, _ text: [UInt8]) -> Double {
        let start = Self.processorTime
        reader.read(text)
        return Self.processorTime - start
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Runs long work on a thread of its own: the other tests share the cooperative pool.
func onOwnThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: work()) }.start()
    }
}
