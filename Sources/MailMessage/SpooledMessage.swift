import Glibc
import Synchronization

/// A whole message where it lies: in a file without a name, or in memory if there is no place for files. To read it takes the memory of
/// a chunk, however long it is.
///
/// The file's space is given back when the last reference goes away, or the process does.
public final class SpooledMessage: Sendable {
    fileprivate enum Storage: Sendable {
        case file(OpenFile)
        case memory([UInt8])
    }

    /// The longest message that is looked at, in bytes, unless the caller says otherwise.
    public static let standardLimit = 64 << 20
    /// The longest message that is kept in memory, in bytes, where there is no directory for files.
    public static let limitInMemory = 8 << 20

    static let chunkLength = 1 << 16

    /// In bytes.
    public let length: Int
    private let storage: Storage

    fileprivate init(length: Int, storage: Storage) {
        self.length = length
        self.storage = storage
    }

    /// A message that is in memory already.
    public convenience init(_ bytes: [UInt8]) {
        self.init(length: bytes.count, storage: .memory(bytes))
    }

    /// Reads a message to the end of the input.
    ///
    /// - Parameters:
    ///   - input: An open descriptor, blocking or not. It is not closed.
    ///   - limit: The longest message accepted, in bytes; `nil` for any length.
    ///   - directory: Where the file is made.
    public static func read(
        from input: Int32, limit: Int? = nil, spoolingIn directory: String
    ) throws(MessageStreamError) -> SpooledMessage {
        let spool = try MessageSpool(directory: directory, limit: limit ?? .max)
        var chunk = [UInt8](repeating: 0, count: chunkLength)
        while true {
            let count: Int
            do {
                count = try FileDescriptor.read(from: input, into: &chunk)
            } catch {
                throw .input(errorNumber: error.number)
            }
            if count == 0 { return spool.finish() }
            try spool.append(chunk[..<count])
        }
    }

    /// Reads from a place in the message, as much as fits and is there; 0 at its end.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(MessageStreamError) -> Int {
        guard offset < length, !buffer.isEmpty else { return 0 }
        let count = min(buffer.count, length - offset)
        switch storage {
        case .memory(let bytes):
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + count)]))
            }
            return count
        case .file(let file):
            let found: Int
            do {
                found = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: offset)
            } catch {
                throw .spool(errorNumber: error.number)
            }
            guard found > 0 else { throw .spool(errorNumber: EIO) }
            return found
        }
    }

    /// A part of the message, in memory.
    public func bytes(in range: Range<Int>) throws(MessageStreamError) -> [UInt8] {
        let range = range.clamped(to: 0..<length)
        var bytes = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < bytes.count {
            let result: Result<Int, MessageStreamError> = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                do throws(MessageStreamError) {
                    return .success(try read(into: rest, at: range.lowerBound + filled))
                } catch {
                    return .failure(error)
                }
            }
            filled += try result.get()
        }
        return bytes
    }

    /// Hands out a part of the message in chunks, in order.
    public func forEachChunk(
        in range: Range<Int>, _ body: (ArraySlice<UInt8>) throws(MessageStreamError) -> Void
    ) throws(MessageStreamError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let end = min(offset + Self.chunkLength, range.upperBound)
            try body(try bytes(in: offset..<end)[...])
            offset = end
        }
    }
}

/// Takes a message in, chunk by chunk. A message that breaks off on its way in is gone with it.
public final class MessageSpool: Sendable {
    private let file: OpenFile?
    private let limit: Int
    private let state = Mutex<(length: Int, bytes: [UInt8])>((0, []))

    /// - Parameters:
    ///   - directory: Where the file is made; `nil`: the message stays in memory, and must be short.
    ///   - limit: The longest message accepted, in bytes.
    public init(directory: String?, limit: Int = SpooledMessage.standardLimit) throws(MessageStreamError) {
        do {
            file = try directory.map { (directory) throws(SystemCallError) in try OpenFile(in: directory) }
        } catch {
            throw .spool(errorNumber: error.number)
        }
        self.limit = directory == nil ? min(limit, SpooledMessage.limitInMemory) : limit
    }

    /// Adds what came next.
    public func append(_ bytes: ArraySlice<UInt8>) throws(MessageStreamError) {
        try state.withLock { (state: inout (length: Int, bytes: [UInt8])) throws(MessageStreamError) in
            guard state.length + bytes.count <= limit else { throw .bodyTooLong(limit: limit) }
            state.length += bytes.count
            guard let file else {
                state.bytes += bytes
                return
            }
            do throws(SystemCallError) {
                try file.append(bytes)
            } catch {
                throw .spool(errorNumber: error.number)
            }
        }
    }

    /// The message as it came; nothing may be added afterwards.
    public func finish() -> SpooledMessage {
        state.withLock { state in
            SpooledMessage(length: state.length, storage: file.map { .file($0) } ?? .memory(state.bytes))
        }
    }
}

/// A file without a name that several may read.
private final class OpenFile: Sendable {
    private let descriptor: FileDescriptor

    init(in directory: String) throws(SystemCallError) {
        descriptor = try FileDescriptor.unnamedFile(in: directory)
    }

    func append(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) {
        try descriptor.write(bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemCallError) -> Int {
        try descriptor.read(into: buffer, at: offset)
    }
}
