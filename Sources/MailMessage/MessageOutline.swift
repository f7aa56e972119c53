import CGMime

/// The parts of a spooled message, found in one pass over it. It takes the memory of the header sections, however long the message is.
///
/// It finds the same parts in the same places as ``MailReader`` does in a message in memory. Header sections and boundaries beyond a
/// size that no mail program writes are left alone: what has them is one part that is no text.
public struct MessageOutline: Sendable {
    /// The outermost part.
    public let root: MIMEPart
    /// Where something stands that was not looked into: multiparts that lie too deep, parts beyond the most that are read, parts with
    /// a header section that no mail program writes.
    public let unread: [Range<Int>]

    /// Finds the parts.
    public init(of message: SpooledMessage) throws(MessageStreamError) {
        var reader = OutlineReader(message: message)
        (root, unread) = try reader.read()
    }

    /// The header section of the message.
    public var header: HeaderBlock { root.header }

    /// The text parts that a mail program shows, in order; attachments are left out.
    public var textParts: [MIMEPart] {
        root.allParts.filter { $0.isText && !$0.isAttachment }
    }

    /// How the structure says that the message is protected; armour in a text is not looked for.
    public var protections: [MessageProtection] { root.allParts.compactMap(\.declaredProtection) }
}

/// A part whose end is not known yet.
private final class OpenPart {
    let path: [Int]
    let start: Int
    let depth: Int
    /// Nil: the part that it lies in decides.
    var end: Int?
    /// Of its header section; nil: too long to be read.
    var header: [UInt8]? = []
    /// It is a multipart that is not looked into.
    var isUnread = false
    var children: [OpenPart] = []
    var childCount = 0

    init(path: [Int], start: Int, depth: Int) {
        self.path = path
        self.start = start
        self.depth = depth
    }

    /// The part as ``MailReader`` would have it.
    ///
    /// - Parameter unread: gets the places that were not looked into.
    func finished(within parentEnd: Int, unread: inout [Range<Int>]) -> MIMEPart {
        let end = min(self.end ?? parentEnd, parentEnd)
        let start = min(self.start, end)
        let bytes = (header ?? []).prefix(end - start)
        let block = HeaderBlock(parsing: bytes)
        let headerRange = start..<(start + bytes.count)
        if header == nil || isUnread { unread.append(headerRange.upperBound..<end) }
        let contentType =
            header == nil
            ? ContentType(parsing: "application/octet-stream")
            : ContentType(parsing: block.first(named: "Content-Type")?.value)
        return MIMEPart(
            path: path, header: block, headerRange: headerRange, bodyRange: headerRange.upperBound..<end,
            contentType: contentType,
            transferEncoding: TransferEncoding(fieldValue: block.first(named: "Content-Transfer-Encoding")?.value),
            children: children.map { $0.finished(within: end, unread: &unread) })
    }
}

/// Reads a message line by line, and of bodies only the lines that can be delimiters.
private struct OutlineReader {
    private struct OpenMultipart {
        let part: OpenPart
        let delimiter: [UInt8]
    }

    private struct Delimiter {
        let multipart: Int
        let isLast: Bool
        let start: Int
        let end: Int
    }

    private static let deepestPart = 100
    private static let mostParts = 2_000
    /// Of the header sections of all parts together, in bytes; that of one part within the message may have less.
    private static let headerLimit = 4 << 20
    private static let partHeaderLimit = 1 << 16
    /// A boundary may have 70 characters (RFC 2046, section 5.1.1).
    private static let prefixLength = 1_024

    private static let lineFeed: [UInt8] = [.lineFeed]
    private static let dashes: [UInt8] = [.lineFeed] + Array("--".utf8)

    private let message: SpooledMessage
    private var window: [UInt8] = []
    private var windowStart = 0
    private var multiparts: [OpenMultipart] = []
    private var remaining = mostParts
    private var headerBudget = headerLimit

    init(message: SpooledMessage) {
        self.message = message
    }

    private var windowEnd: Int { windowStart + window.count }

    mutating func read() throws(MessageStreamError) -> (root: MIMEPart, unread: [Range<Int>]) {
        var unread: [Range<Int>] = []
        let root = OpenPart(path: [], start: 0, depth: Self.deepestPart)
        remaining -= 1
        var position = try readHeader(of: root, limit: MessageStream.defaultHeaderLimit)
        while !multiparts.isEmpty, let delimiter = try nextDelimiter(from: position) {
            position = delimiter.end
            let multipart = multiparts[delimiter.multipart].part
            // The line break before a delimiter belongs to it.
            if let child = multipart.children.last, child.end == nil {
                child.end = try endOfPart(before: delimiter.start, from: child.start)
            }
            multiparts.removeSubrange((delimiter.multipart + (delimiter.isLast ? 0 : 1))...)
            if delimiter.isLast { continue }
            guard remaining > 0 else {
                if unread.isEmpty { unread.append(delimiter.end..<message.length) }
                continue
            }
            remaining -= 1
            let child = OpenPart(
                path: multipart.path + [multipart.childCount], start: delimiter.end, depth: multipart.depth - 1)
            multipart.childCount += 1
            multipart.children.append(child)
            position = try readHeader(of: child, limit: Self.partHeaderLimit)
        }
        return (root.finished(within: message.length, unread: &unread), unread)
    }

    /// Reads the header section of a part to its empty line, or to a delimiter of the parts around it.
    ///
    /// - Returns: the start of the line from which on delimiters are to be looked for.
    private mutating func readHeader(of part: OpenPart, limit: Int) throws(MessageStreamError) -> Int {
        var position = part.start
        while position < message.length {
            if try delimiter(at: position) != nil { break }
            guard position - part.start <= limit else {
                part.header = nil
                return position
            }
            let isEmpty = try isEmptyLine(at: position)
            position = try endOfLine(at: position)
            if isEmpty { break }
        }
        guard position - part.start <= min(limit, headerBudget) else {
            part.header = nil
            return position
        }
        let bytes = try message.bytes(in: part.start..<position)
        headerBudget -= bytes.count
        part.header = bytes
        let contentType = ContentType(parsing: HeaderBlock(parsing: bytes).first(named: "Content-Type")?.value)
        if contentType.isKind("multipart"), let boundary = contentType.parameter("boundary"), !boundary.isEmpty {
            if part.depth > 0, boundary.utf8.count < Self.prefixLength - 4 {
                multiparts.append(OpenMultipart(part: part, delimiter: Array("--\(boundary)".utf8)))
            } else {
                part.isUnread = true
            }
        }
        return position
    }

    private func endOfPart(before line: Int, from start: Int) throws(MessageStreamError) -> Int {
        guard line > start else { return line }
        let before = try message.bytes(in: max(start, line - 2)..<line)
        guard before.last == .lineFeed else { return line }
        return before.count > 1 && before[0] == .carriageReturn ? line - 2 : line - 1
    }

    // MARK: Lines

    /// The next delimiter of an open multipart.
    ///
    /// - Parameter start: the start of a line.
    private mutating func nextDelimiter(from start: Int) throws(MessageStreamError) -> Delimiter? {
        var line: Int? = start
        while let position = line {
            if let found = try delimiter(at: position) { return found }
            line = try find(Self.dashes, from: position).map { $0 + 1 }
        }
        return nil
    }

    /// The delimiter that a line is, of the outermost multipart if it could be of several.
    private mutating func delimiter(at line: Int) throws(MessageStreamError) -> Delimiter? {
        guard !multiparts.isEmpty, line < message.length else { return nil }
        try load(line, atLeast: Self.prefixLength)
        let offset = line - windowStart
        guard window.count - offset >= 2, window[offset] == UInt8(ascii: "-"), window[offset + 1] == UInt8(ascii: "-")
        else { return nil }
        let rest = window[offset...].prefix(Self.prefixLength)
        let prefix = rest[..<(rest.firstIndex(of: .lineFeed) ?? rest.endIndex)]
        for (index, multipart) in multiparts.enumerated() where prefix.starts(with: multipart.delimiter) {
            var tail = prefix.dropFirst(multipart.delimiter.count)
            let isLast = tail.starts(with: "--".utf8)
            if isLast { tail = tail.dropFirst(2) }
            guard tail.trimmingWhiteSpace().isEmpty else { continue }
            let end = try endOfLine(at: line)
            guard try isBlank(from: line + prefix.count, to: end) else { continue }
            return Delimiter(multipart: index, isLast: isLast, start: line, end: end)
        }
        return nil
    }

    private func isBlank(from start: Int, to end: Int) throws(MessageStreamError) -> Bool {
        var isBlank = true
        try message.forEachChunk(in: start..<end) { chunk throws(MessageStreamError) in
            isBlank = isBlank && chunk.trimmingWhiteSpace().isEmpty
        }
        return isBlank
    }

    private mutating func isEmptyLine(at line: Int) throws(MessageStreamError) -> Bool {
        try load(line, atLeast: 2)
        let start = window[(line - windowStart)...].prefix(2)
        return start.first == .lineFeed || start.elementsEqual([.carriageReturn, .lineFeed])
    }

    /// The place behind the line feed that ends a line, or the end of the message.
    private mutating func endOfLine(at line: Int) throws(MessageStreamError) -> Int {
        try find(Self.lineFeed, from: line).map { $0 + 1 } ?? message.length
    }

    /// Where a text of few bytes stands next.
    private mutating func find(_ text: [UInt8], from start: Int) throws(MessageStreamError) -> Int? {
        var position = start
        while position < message.length {
            try load(position, atLeast: text.count)
            let offset = position - windowStart
            let found = window.withUnsafeBufferPointer { bytes in
                cgmime_find_bytes(bytes.baseAddress, bytes.count, offset, text, text.count)
            }
            if found >= 0 { return windowStart + found }
            guard windowEnd < message.length else { return nil }
            position = max(position + 1, windowEnd - text.count + 1)
        }
        return nil
    }

    /// Sees to it that so many bytes from a place on are in the window, or all that there are.
    private mutating func load(_ position: Int, atLeast count: Int) throws(MessageStreamError) {
        if position >= windowStart, min(position + count, message.length) <= windowEnd { return }
        windowStart = position
        window = try message.bytes(in: position..<min(position + SpooledMessage.chunkLength, message.length))
    }
}
