import Foundation

extension UUID {
    /// A new UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.
    ///
    /// Rows made one after the other lie side by side in the primary key; the order says nothing about which is newer,
    /// since the clocks of replicas differ.
    public static func version7(at time: Date = Date(), using generator: inout some RandomNumberGenerator) -> UUID {
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        let high = (milliseconds << 16) | 0x7000 | (generator.next() & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { buffer in
            buffer.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            buffer.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }

    /// A new UUID of version 7 from the system's random numbers.
    public static func version7(at time: Date = Date()) -> UUID {
        var generator = SystemRandomNumberGenerator()
        return version7(at: time, using: &generator)
    }

    /// The text as PostgreSQL writes it, in lower case, so that a log and psql are searched with the same words.
    public var text: String { uuidString.lowercased() }

    /// The 16 bytes, in network order.
    public var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

    /// From exactly 16 bytes; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes) }
        self.init(uuid: value)
    }
}
