/// The header section of a message at byte level.
///
/// Every byte is kept: a section of which nothing was changed is written out as it was read, whatever is wrong with
/// it.
///
/// ## Where the section ends
///
/// At the first line, counted by line feeds, that is empty or holds one carriage return alone. That is where the
/// desk's reader (Perl's Mail::Header) ends it. Readers that end it earlier, at a line of white space, at a line
/// without colon or at two bare carriage returns, see less of the section than we do, never more, so nothing that
/// they take for a header escapes ``remove(where:)``.
///
/// ## What a line is
///
/// A line ends at LF, CRLF, or at a bare CR. The desk reads `Subject: a<CR>X-OTOBO-Queue: b<LF>` as one line; a mail
/// server or program on the way may make two of it. So both readings are looked at: the *pieces* between bare
/// carriage returns are fields of their own, and all pieces up to the next line feed that is not followed by white
/// space form a *line group*, which is read as one field too.
///
/// - A line that begins with a space or a tab continues the piece before it.
/// - Such a line at the very start of the message, or right after the envelope line, continues nothing. It is kept
///   as a field of its own.
/// - A first line `From ` that is not followed by a colon is an envelope line.
public struct HeaderBlock: Sendable, Equatable {
    /// The fields and malformed lines in their order.
    public private(set) var fields: [RawField]

    /// The empty line that ends the section, with its line break; empty if the message ends within the section.
    public let terminator: [UInt8]

    /// The longest header section that is read, in bytes: ten times what mail servers accept by default.
    public static let longest = 1 << 20

    /// The most fields that are read; genuine mails have some dozens. A mail beyond either bound is to be refused for good: no
    /// later try would find it shorter.
    public static let mostFields = 10_000

    /// Reads a header section.
    ///
    /// - Parameter bytes: The section with the empty line that ends it, as ``length(in:)`` measures it. Whatever
    ///   follows an empty line is taken to be part of the section.
    public init(parsing bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        let terminatorLength = HeaderBlock.terminatorLength(of: bytes)
        terminator = bytes.suffix(terminatorLength)
        fields = HeaderBlock.split(bytes.dropLast(terminatorLength))
    }

    /// The bytes of the section with the empty line at its end.
    public var serialised: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fields.reduce(terminator.count) { $0 + $1.bytes.count })
        for field in fields {
            bytes += field.bytes
        }
        return bytes + terminator
    }

    /// The fields that a lenient reader could take to have this name, in their order; ASCII case does not count.
    public func fields(named name: String) -> [RawField] {
        let name = name.asciiLowercased
        return fields.filter { $0.kind == .field && $0.lenientName == name }
    }

    /// The first field of this name, which most readers choose if there are several.
    public func first(named name: String) -> RawField? {
        let name = name.asciiLowercased
        return fields.first { $0.kind == .field && $0.lenientName == name }
    }
}

// MARK: - Changing

extension HeaderBlock {
    /// Removes every field that the predicate recognises, in whichever way a reader could see it.
    ///
    /// The predicate is asked about each line group as a whole, about each of its pieces, and, where a piece does
    /// not begin with a field name, about each line of it. A group that is recognised goes entirely. Of another
    /// group, the recognised pieces go; the piece that then stands last takes over the line break of the group, so
    /// that the following line does not become part of it. What is left of the group is judged again, since a reader
    /// that drops carriage returns joins it to one line. The desk sees no field afterwards that it did not see before.
    ///
    /// - Returns: What was removed, in order.
    @discardableResult
    public mutating func remove(where isUnwanted: (RawField) -> Bool) -> [RawField] {
        var kept: [RawField] = []
        var removed: [RawField] = []
        for group in lineGroups() {
            let pieces = fields[group]
            guard let last = pieces.last else { continue }
            let unwanted = pieces.map { $0.readings.contains(where: isUnwanted) }
            var remaining = zip(pieces, unwanted).filter { !$0.1 }.map(\.0)
            if let end = remaining.last, remaining.count < pieces.count {
                remaining[remaining.count - 1] = end.replacingEnding(with: last.ending)
            }
            let isUnwantedAsALine = [Array(pieces), remaining].contains { isUnwanted(HeaderBlock.line(joining: $0)) }
            if isUnwantedAsALine || unwanted.first == true {
                removed += pieces
            } else {
                removed += zip(pieces, unwanted).filter(\.1).map(\.0)
                kept += remaining
            }
        }
        fields = kept
        return removed
    }

    /// A line group as a reader that knows line feeds only has it.
    private static func line(joining pieces: [RawField]) -> RawField {
        RawField(bytes: pieces.flatMap(\.bytes), kind: pieces.first?.kind == .envelopeLine ? .envelopeLine : nil)
    }

    /// Removes every field whose name begins with one of the prefixes, however it is spelled: upper or lower case,
    /// white space or control characters in or around the name, a folded name, a name after a bare carriage return.
    ///
    /// This is what keeps forged `X-OTOBO-*` fields from the desk.
    ///
    /// - Returns: What was removed, in order.
    @discardableResult
    public mutating func remove(namesStartingWith prefixes: [String]) -> [RawField] {
        let prefixes = prefixes.map(\.asciiLowercased)
        return remove { field in
            let name = field.lenientName
            return prefixes.contains { name.hasPrefix($0) }
        }
    }

    /// Makes this the only field of its name, see ``add(_:value:)``.
    public mutating func set(_ name: String, to value: String) throws(HeaderFieldError) {
        let line = try HeaderBlock.line(name: name, value: value, ending: lineEnding)
        let lowercased = name.asciiLowercased
        remove { $0.lenientName == lowercased }
        insert(line)
    }

    /// Adds a field before all others, where every reader sees it and takes it first, whatever malformed lines
    /// follow. Only an envelope line, and lines at the start that would continue the new field, stay before it.
    ///
    /// Text outside ASCII is written as encoded words (RFC 2047).
    ///
    /// - Throws: ``HeaderFieldError`` if the name is no field name or the value holds control characters.
    public mutating func add(_ name: String, value: String) throws(HeaderFieldError) {
        insert(try HeaderBlock.line(name: name, value: value, ending: lineEnding))
    }

    /// Gives the first field of this name another value, where it stands, and removes the others; adds it as the last
    /// field if there is none. The value is ASCII and of our own making.
    mutating func replace(_ name: String, with value: String) {
        let ending = lineEnding
        let field = RawField(bytes: Array("\(name): \(value)".utf8) + ending)
        let lowercased = name.asciiLowercased
        guard let position = fields.firstIndex(where: { $0.kind == .field && $0.lenientName == lowercased }) else {
            if let last = fields.last, last.ending.last != .lineFeed {
                fields[fields.count - 1] = last.replacingEnding(with: ending[...])
            }
            fields.append(field)
            return
        }
        fields[position] = field
        fields = fields[...position] + fields[(position + 1)...].filter { $0.lenientName != lowercased }
    }

    private mutating func insert(_ field: RawField) {
        var position = 0
        for group in lineGroups() {
            let isEnvelopeLine = group.lowerBound == 0 && fields[0].kind == .envelopeLine
            let firstSeen = fields[group].lazy.flatMap(\.bytes).first { $0.isWhiteSpace || $0 > 0x20 }
            guard isEnvelopeLine || firstSeen?.isWhiteSpace == true else { break }
            position = group.upperBound
        }
        if position > 0, fields[position - 1].ending.last != .lineFeed {
            fields[position - 1] = fields[position - 1].replacingEnding(with: lineEnding[...])
        }
        fields.insert(field, at: position)
    }

    private static func line(name: String, value: String, ending: [UInt8]) throws(HeaderFieldError) -> RawField {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != .colon }) else {
            throw .invalidName
        }
        guard value.unicodeScalars.allSatisfy({ $0 == "\t" || $0.properties.generalCategory != .control }) else {
            throw .invalidValue
        }
        let encoded = EncodedWord.encodeText(value, column: name.utf8.count + 2, lineEnding: ending)
        return RawField(bytes: Array(name.utf8) + [.colon, .space] + encoded + ending)
    }

    /// The line break that the message uses: that of its first complete line, LF if it has none.
    var lineEnding: [UInt8] {
        if let field = fields.first(where: { $0.ending.last == .lineFeed }) {
            return Array(field.ending)
        }
        return terminator.isEmpty ? [.lineFeed] : terminator
    }
}

/// Why a header field could not be made.
public enum HeaderFieldError: Error, Equatable, Sendable {
    /// The name is empty, or holds a colon, white space or anything but printable ASCII.
    case invalidName
    /// The value holds a line break or another control character.
    case invalidValue
}

// MARK: - Splitting

extension HeaderBlock {
    /// The length of the header section in bytes, the empty line at its end included.
    ///
    /// - Parameters:
    ///   - bytes: A message, or as much of it as has been read.
    ///   - start: Where the search may begin: 0, or the start of a line known to lie within the section.
    /// - Returns: `nil` if the section does not end within the bytes.
    public static func length(in bytes: [UInt8], from start: Int = 0) -> Int? {
        start < bytes.count ? end(in: bytes[start...]) : nil
    }

    /// Where the header section ends that begins with the bytes, the empty line at its end included.
    static func end(in bytes: ArraySlice<UInt8>) -> Int? {
        var line = bytes.startIndex
        while line < bytes.endIndex {
            if bytes[line] == .lineFeed { return line + 1 }
            if bytes[line] == .carriageReturn, line + 1 < bytes.endIndex, bytes[line + 1] == .lineFeed {
                return line + 2
            }
            guard let end = bytes[line...].firstIndex(of: .lineFeed) else { return nil }
            line = end + 1
        }
        return nil
    }

    private static func terminatorLength(of bytes: [UInt8]) -> Int {
        for terminator in [[.carriageReturn, .lineFeed], [.lineFeed]] as [[UInt8]] where bytes.ends(with: terminator) {
            let rest = bytes.dropLast(terminator.count)
            if rest.isEmpty || rest.last == .lineFeed { return terminator.count }
        }
        return 0
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> [RawField] {
        var fields: [RawField] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            var end = endOfLine(in: bytes, from: start)
            let isEnvelopeLine = fields.isEmpty && beginsWithEnvelopeLine(bytes[start..<end])
            let continuesNothing = bytes[start].isWhiteSpace
            while !isEnvelopeLine, !continuesNothing, end < bytes.endIndex, bytes[end].isWhiteSpace {
                end = endOfLine(in: bytes, from: end)
            }
            fields.append(RawField(bytes: Array(bytes[start..<end]), kind: isEnvelopeLine ? .envelopeLine : nil))
            start = end
        }
        return fields
    }

    private static func beginsWithEnvelopeLine(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "From ".utf8) && line.dropFirst(4).first { !$0.isWhiteSpace } != .colon
    }

    private static func endOfLine(in bytes: ArraySlice<UInt8>, from start: Int) -> Int {
        guard let end = bytes[start...].firstIndex(where: { $0 == .lineFeed || $0 == .carriageReturn }) else {
            return bytes.endIndex
        }
        let next = end + 1
        let isPair = bytes[end] == .carriageReturn && next < bytes.endIndex && bytes[next] == .lineFeed
        return isPair ? next + 1 : next
    }

    /// The ranges of pieces that a reader sees as one line which knows line feeds only.
    private func lineGroups() -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        for (index, field) in fields.enumerated() where field.ending.last == .lineFeed || index == fields.count - 1 {
            groups.append(start..<(index + 1))
            start = index + 1
        }
        return groups
    }
}

extension Array<UInt8> {
    fileprivate func ends(with suffix: [UInt8]) -> Bool {
        self.suffix(suffix.count).elementsEqual(suffix)
    }
}
