/// A whole message taken apart by its raw bytes.
///
/// Boundaries are looked for in the bytes themselves (RFC 2046, section 5.1) and every part knows its byte ranges, so
/// that one text can be replaced while every other byte stays as it is. GMime reads the values of the fields and
/// decodes the bodies.
public struct MailReader: Sendable {
    /// The raw message.
    public let bytes: [UInt8]

    /// The outermost part.
    public let root: MIMEPart

    /// Multiparts are looked into this deep, and this many parts are found; what lies beyond is left in one piece.
    private static let deepestPart = 100
    private static let mostParts = 2_000

    /// Reads a message. There is no input that cannot be read; what is no MIME is one part of text.
    ///
    /// - Parameters:
    ///   - bytes: The raw message.
    ///   - descendingIntoMessages: Whether the parts of attached messages (`message/rfc822`) are found too.
    public init(_ bytes: [UInt8], descendingIntoMessages: Bool = false) {
        self.bytes = bytes
        var walk = PartWalk(bytes: bytes, descendsIntoMessages: descendingIntoMessages, remaining: Self.mostParts)
        root = walk.part(in: 0..<bytes.count, path: [], depth: Self.deepestPart)
    }

    /// The header section of the message.
    public var header: HeaderBlock { root.header }

    /// The text parts that a mail program shows, in order; attachments are left out.
    public var textParts: [MIMEPart] {
        root.allParts.filter { $0.isText && !$0.isAttachment }
    }

    /// The part at a path.
    public func part(at path: [Int]) -> MIMEPart? {
        path.reduce(root) { part, index in
            part.flatMap { $0.children.indices.contains(index) ? $0.children[index] : nil }
        }
    }

    /// The decoded text of a text part; see ``MIMEPart/text(of:)``.
    public func text(of part: MIMEPart) -> DecodedText {
        part.text(of: bytes[part.bodyRange])
    }

    /// The decoded body of any part.
    public func content(of part: MIMEPart) -> [UInt8] {
        part.transferEncoding.decode(bytes[part.bodyRange])
    }

    /// How the message is protected, if it is; attached messages do not count.
    ///
    /// S/MIME is known by `multipart/signed` and `application/pkcs7-mime` (RFC 8551), OpenPGP by `multipart/signed`,
    /// `multipart/encrypted` (RFC 3156) and the armour lines of RFC 4880 in a text.
    public var protection: MessageProtection? {
        let found = root.allParts.compactMap(protection)
        return found.contains(.encrypted) ? .encrypted : found.first
    }

    private func protection(of part: MIMEPart) -> MessageProtection? {
        part.declaredProtection ?? part.armour(in: bytes[part.bodyRange])
    }
}

extension MIMEPart {
    /// The character set that the part names; ASCII counts as none, since it says nothing about other bytes.
    var charset: CharacterSet? {
        guard let name = contentType.parameter("charset"), !name.isEmpty else { return nil }
        let charset = CharacterSet(name: name)
        return charset.name == "us-ascii" || charset.name == "ascii" ? nil : charset
    }
}

/// Finds the parts of a message in its bytes.
private struct PartWalk {
    let bytes: [UInt8]
    let descendsIntoMessages: Bool
    /// How many parts may still be found.
    var remaining: Int

    mutating func part(in range: Range<Int>, path: [Int], depth: Int) -> MIMEPart {
        remaining -= 1
        let headerEnd = HeaderBlock.end(in: bytes[range]) ?? range.upperBound
        let isReadable = headerEnd - range.lowerBound <= HeaderBlock.longest
        let header = HeaderBlock(parsing: isReadable ? bytes[range.lowerBound..<headerEnd] : [])
        guard isReadable, header.fields.count <= HeaderBlock.mostFields else {
            return unreadPart(in: range, path: path)
        }
        let headerRange = range.lowerBound..<headerEnd
        let bodyRange = headerRange.upperBound..<range.upperBound
        let contentType = ContentType(parsing: header.first(named: "Content-Type")?.value)
        return MIMEPart(
            path: path, header: header, headerRange: headerRange, bodyRange: bodyRange, contentType: contentType,
            transferEncoding: TransferEncoding(fieldValue: header.first(named: "Content-Transfer-Encoding")?.value),
            children: children(of: contentType, in: bodyRange, path: path, depth: depth))
    }

    /// A part whose header section no genuine mail has: nothing in it is read or rewritten.
    private func unreadPart(in range: Range<Int>, path: [Int]) -> MIMEPart {
        MIMEPart(
            path: path, header: HeaderBlock(parsing: []), headerRange: range.lowerBound..<range.lowerBound,
            bodyRange: range,
            contentType: .unread, transferEncoding: .binary, children: [])
    }

    private mutating func children(
        of contentType: ContentType, in body: Range<Int>, path: [Int], depth: Int
    ) -> [MIMEPart] {
        guard depth > 0 else { return [] }
        if contentType.isKind("multipart"), let boundary = contentType.parameter("boundary"), !boundary.isEmpty {
            var parts: [MIMEPart] = []
            for (index, range) in ranges(between: boundary, in: body).enumerated() where remaining > 0 {
                parts.append(part(in: range, path: path + [index], depth: depth - 1))
            }
            return parts
        }
        if descendsIntoMessages, contentType.mediaType == "message/rfc822", remaining > 0 {
            return [part(in: body, path: path + [0], depth: depth - 1)]
        }
        return []
    }

    /// The ranges between the delimiter lines. A multipart that is not closed ends where the body ends.
    private func ranges(between boundary: String, in body: Range<Int>) -> [Range<Int>] {
        let delimiter = Array("--\(boundary)".utf8)
        var ranges: [Range<Int>] = []
        var partStart: Int?
        var line = body.lowerBound
        while line < body.upperBound, ranges.count < remaining {
            let next = bytes[line..<body.upperBound].firstIndex(of: .lineFeed).map { $0 + 1 } ?? body.upperBound
            if let isLast = isDelimiter(bytes[line..<next], delimiter) {
                if let partStart { ranges.append(partStart..<max(partStart, endOfPart(before: line, from: partStart))) }
                partStart = isLast ? nil : next
                if isLast { break }
            }
            line = next
        }
        if let partStart { ranges.append(partStart..<body.upperBound) }
        return ranges
    }

    /// Whether a line is a delimiter, and if so whether it is the closing one.
    private func isDelimiter(_ line: ArraySlice<UInt8>, _ delimiter: [UInt8]) -> Bool? {
        guard line.starts(with: delimiter) else { return nil }
        let rest = line.dropFirst(delimiter.count)
        if rest.trimmingWhiteSpace().isEmpty { return false }
        let isClosing = rest.starts(with: "--".utf8) && rest.dropFirst(2).trimmingWhiteSpace().isEmpty
        return isClosing ? true : nil
    }

    /// The line break before a delimiter belongs to the delimiter.
    private func endOfPart(before line: Int, from start: Int) -> Int {
        guard line > start, bytes[line - 1] == .lineFeed else { return line }
        return line - 1 > start && bytes[line - 2] == .carriageReturn ? line - 2 : line - 1
    }
}
