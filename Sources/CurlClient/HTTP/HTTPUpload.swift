/// A request's body that is read while it is sent, so that it need not be in memory.
public struct HTTPUpload: Sendable {
    /// In bytes; no more is sent, and less is an error.
    public let length: Int

    let read: @Sendable (_ buffer: UnsafeMutableRawBufferPointer, _ offset: Int) throws -> Int

    /// - Parameter read: Fills the buffer from a place in the body on, with at least a byte, and answers how many bytes it was. It is
    ///   called on the client's thread and must not wait for anything but a disk. What it throws ends the request.
    public init(
        length: Int, read: @escaping @Sendable (_ buffer: UnsafeMutableRawBufferPointer, _ offset: Int) throws -> Int
    ) {
        self.length = length
        self.read = read
    }

    /// Bytes that are in memory.
    init(_ bytes: [UInt8]) {
        self.init(length: bytes.count) { buffer, offset in
            let count = min(buffer.count, bytes.count - offset)
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + count)]))
            }
            return count
        }
    }
}
