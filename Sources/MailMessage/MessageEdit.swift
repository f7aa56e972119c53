/// A place in a message that becomes something else.
public struct MessageEdit: Sendable, Hashable {
    /// What goes, in bytes of the message as it was; empty: something is put in.
    public let range: Range<Int>
    /// What comes in its place.
    public let replacement: [UInt8]

    public init(range: Range<Int>, replacement: [UInt8]) {
        self.range = range
        self.replacement = replacement
    }

    /// The same change without the bytes at both ends that stay as they are; `nil` if nothing changes.
    ///
    /// - Parameter old: What stands in the range.
    func trimmed(old: [UInt8]) -> MessageEdit? {
        let shortest = min(old.count, replacement.count)
        var head = 0
        while head < shortest, old[head] == replacement[head] { head += 1 }
        var tail = 0
        while tail < shortest - head, old[old.count - 1 - tail] == replacement[replacement.count - 1 - tail] {
            tail += 1
        }
        guard head + tail < old.count || head + tail < replacement.count else { return nil }
        return MessageEdit(
            range: (range.lowerBound + head)..<(range.upperBound - tail),
            replacement: Array(replacement[head..<(replacement.count - tail)]))
    }
}

/// Edits that cannot be made in a message: they overlap, are out of order, or lie beyond its end.
public struct MessageEditError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description = "the edits overlap, are out of order, or lie beyond the end of the message"

    public init() {}
}

/// A message with edits, which is written out without being put together in memory.
public struct EditedMessage: Sendable {
    public let source: SpooledMessage
    /// In order; none touches another.
    public let edits: [MessageEdit]

    public init(_ source: SpooledMessage, edits: [MessageEdit] = []) throws(MessageEditError) {
        var position = 0
        for edit in edits {
            guard edit.range.lowerBound >= position, edit.range.upperBound <= source.length else {
                throw MessageEditError()
            }
            position = edit.range.upperBound
        }
        self.source = source
        self.edits = edits
    }

    /// In bytes, after the edits.
    public var length: Int { edits.reduce(source.length) { $0 - $1.range.count + $1.replacement.count } }

    /// Hands out the message in chunks, in order.
    public func forEachChunk(
        _ body: (ArraySlice<UInt8>) throws(MessageStreamError) -> Void
    ) throws(MessageStreamError) {
        var position = 0
        for edit in edits {
            try source.forEachChunk(in: position..<edit.range.lowerBound, body)
            if !edit.replacement.isEmpty { try body(edit.replacement[...]) }
            position = edit.range.upperBound
        }
        try source.forEachChunk(in: position..<source.length, body)
    }

    /// Writes the message to an open descriptor, which is not closed.
    public func write(to output: Int32) throws(MessageStreamError) {
        try forEachChunk { chunk throws(MessageStreamError) in
            do throws(SystemCallError) {
                try FileDescriptor.write(chunk, to: output)
            } catch {
                throw .output(errorNumber: error.number)
            }
        }
    }

    /// The whole message in memory, for work that needs all of it.
    public func bytes() throws(MessageStreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        try forEachChunk { chunk throws(MessageStreamError) in bytes += chunk }
        return bytes
    }

    /// The message without the fields that the predicate recognises in its header.
    ///
    /// - Parameters:
    ///   - limit: The longest header section that is read, in bytes; a longer one stays as it is.
    ///   - directory: Where a copy is made.
    public func removingFields(
        limit: Int = MessageStream.defaultHeaderLimit, spoolingIn directory: String,
        where isUnwanted: (RawField) -> Bool
    ) throws(MessageStreamError) -> EditedMessage {
        let spool = try MessageSpool(directory: directory, limit: .max)
        try forEachChunk { chunk throws(MessageStreamError) in try spool.append(chunk) }
        let copy = spool.finish()
        let start = try copy.bytes(in: 0..<min(limit, copy.length))
        guard let length = HeaderBlock.length(in: start) ?? (copy.length <= limit ? copy.length : nil) else {
            return self
        }
        var header = HeaderBlock(parsing: start[..<length])
        guard !header.remove(where: isUnwanted).isEmpty else { return self }
        let edit = MessageEdit(range: 0..<length, replacement: header.serialised)
        return (try? EditedMessage(copy, edits: [edit])) ?? self
    }
}
