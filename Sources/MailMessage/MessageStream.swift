import Glibc

/// A message read from a file descriptor in constant memory: its header section, and its body in a temporary file
/// that has no name.
///
/// Nothing can be written out before the whole input has been read, so a message that breaks off on its way in is
/// never passed on in part. The file's space is given back when the stream goes away, or the process does.
public struct MessageStream: ~Copyable {
    /// The header section as it was read.
    public let header: HeaderBlock

    private let spool: Spool

    /// The length of the body in bytes.
    public var bodyLength: Int { spool.length }

    /// The header section may be this long, in bytes, unless the caller says otherwise.
    public static let defaultHeaderLimit = HeaderBlock.longest

    /// Reads a message to the end of the input.
    ///
    /// - Parameters:
    ///   - input: An open descriptor, blocking or not. It is not closed.
    ///   - headerLimit: The longest header section accepted, in bytes.
    ///   - bodyLimit: The longest body accepted, in bytes; `nil` for any length.
    ///   - directory: Where the temporary file is made.
    public static func read(
        from input: Int32, headerLimit: Int = defaultHeaderLimit, bodyLimit: Int? = nil, spoolingIn directory: String
    ) throws(MessageStreamError) -> MessageStream {
        var start = HeaderStart(limit: headerLimit)
        var chunk = [UInt8](repeating: 0, count: chunkLength)
        var isAtEnd = false
        while start.length == nil, !isAtEnd {
            let count = try readChunk(from: input, into: &chunk)
            isAtEnd = count == 0
            try start.append(chunk[..<count])
        }
        let headerLength = start.length ?? start.bytes.count
        guard headerLength <= headerLimit else { throw .headerTooLong(limit: headerLimit) }
        let header = HeaderBlock(parsing: start.bytes[..<headerLength])
        guard header.fields.count <= HeaderBlock.mostFields else { throw .tooManyFields(limit: HeaderBlock.mostFields) }

        var spool = try Spool(directory: directory, limit: bodyLimit)
        try spool.append(start.bytes[headerLength...])
        while !isAtEnd {
            let count = try readChunk(from: input, into: &chunk)
            isAtEnd = count == 0
            try spool.append(chunk[..<count])
        }
        return MessageStream(header: header, spool: spool)
    }

    private init(header: HeaderBlock, spool: consuming Spool) {
        self.header = header
        self.spool = spool
    }

    /// Writes a header section and the body, byte for byte as it was read.
    ///
    /// May be called again. A reader that goes away shows as an error if the process ignores `SIGPIPE`.
    ///
    /// - Parameters:
    ///   - header: The section to write, ``header`` if nothing was changed.
    ///   - output: An open descriptor, blocking or not. It is not closed.
    public borrowing func write(header: HeaderBlock, to output: Int32) throws(MessageStreamError) {
        try MessageStream.writeOut(header.serialised[...], to: output)
        try spool.forEachChunk { chunk throws(MessageStreamError) in
            try MessageStream.writeOut(chunk, to: output)
        }
    }

    /// The whole message in memory, for work that needs all of it.
    ///
    /// - Parameter limit: The longest message accepted, in bytes.
    public borrowing func message(limit: Int) throws(MessageStreamError) -> [UInt8] {
        var bytes = header.serialised
        guard bytes.count + bodyLength <= limit else { throw .bodyTooLong(limit: limit) }
        bytes.reserveCapacity(bytes.count + bodyLength)
        try spool.forEachChunk { chunk throws(MessageStreamError) in
            bytes += chunk
        }
        return bytes
    }

    fileprivate static let chunkLength = 1 << 16

    private static func readChunk(from input: Int32, into chunk: inout [UInt8]) throws(MessageStreamError) -> Int {
        do {
            return try FileDescriptor.read(from: input, into: &chunk)
        } catch {
            throw .input(errorNumber: error.number)
        }
    }

    private static func writeOut(_ bytes: ArraySlice<UInt8>, to output: Int32) throws(MessageStreamError) {
        do {
            try FileDescriptor.write(bytes, to: output)
        } catch {
            throw .output(errorNumber: error.number)
        }
    }
}

/// Why a message could not be read or passed on. Nothing was written out unless the case is ``output(errorNumber:)``
/// or, while writing, ``spool(errorNumber:)``.
public enum MessageStreamError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The header section does not end within the limit, in bytes.
    case headerTooLong(limit: Int)
    /// The header section has more fields than the limit.
    case tooManyFields(limit: Int)
    /// The body, or the message, is longer than the limit, in bytes.
    case bodyTooLong(limit: Int)
    /// Reading the message failed; the number is `errno`.
    case input(errorNumber: Int32)
    /// The temporary file could not be made, written or read; the number is `errno`.
    case spool(errorNumber: Int32)
    /// Writing the message failed; the number is `errno`.
    case output(errorNumber: Int32)

    /// True if the message itself is at fault, so that the same message will fail again.
    public var isPermanent: Bool {
        switch self {
        case .headerTooLong, .tooManyFields, .bodyTooLong: true
        case .input, .spool, .output: false
        }
    }

    /// What happened, for the log.
    public var description: String {
        switch self {
        case .headerTooLong(let limit): "the header section is longer than \(limit) bytes"
        case .tooManyFields(let limit): "the header section has more than \(limit) fields"
        case .bodyTooLong(let limit): "the message is longer than \(limit) bytes"
        case .input(let number): "reading the message failed (\(String(cString: strerror(number))))"
        case .spool(let number): "the temporary file failed (\(String(cString: strerror(number))))"
        case .output(let number): "writing the message failed (\(String(cString: strerror(number))))"
        }
    }
}

/// The body of a message in a temporary file.
private struct Spool: ~Copyable {
    private let file: FileDescriptor
    private let limit: Int?
    private(set) var length = 0

    init(directory: String, limit: Int?) throws(MessageStreamError) {
        do {
            file = try FileDescriptor.unnamedFile(in: directory)
        } catch {
            throw .spool(errorNumber: error.number)
        }
        self.limit = limit
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) throws(MessageStreamError) {
        length += bytes.count
        if let limit, length > limit { throw .bodyTooLong(limit: limit) }
        do {
            try file.write(bytes)
        } catch {
            throw .spool(errorNumber: error.number)
        }
    }

    func forEachChunk(
        _ body: (ArraySlice<UInt8>) throws(MessageStreamError) -> Void
    ) throws(MessageStreamError) {
        var chunk = [UInt8](repeating: 0, count: MessageStream.chunkLength)
        var offset = 0
        while offset < length {
            let count: Int
            do {
                count = try file.read(into: &chunk, at: offset)
            } catch {
                throw .spool(errorNumber: error.number)
            }
            guard count > 0 else { throw .spool(errorNumber: EIO) }
            try body(chunk[..<count])
            offset += count
        }
    }
}

/// The beginning of a message, collected until its header section is complete.
private struct HeaderStart {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    /// The length of the header section, once known.
    private(set) var length: Int?
    /// The start of the last line looked at.
    private var lastLine = 0
    /// Before this position of that line there is no line feed, so that no byte is looked at twice, however small the chunks.
    private var searched = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ chunk: ArraySlice<UInt8>) throws(MessageStreamError) {
        bytes += chunk
        while let lineFeed = bytes[searched...].firstIndex(of: .lineFeed) {
            searched = lineFeed + 1
            let line = bytes[lastLine..<lineFeed]
            if line.isEmpty || line.elementsEqual(CollectionOfOne(.carriageReturn)) {
                length = searched
                return
            }
            lastLine = searched
        }
        searched = bytes.count
        guard bytes.count <= limit else { throw .headerTooLong(limit: limit) }
    }
}
