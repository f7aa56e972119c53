import Foundation

/// Reads bytes one after the other from a source of any length, of which it holds one piece at a time.
struct ByteReader {
    /// The number of the line of the byte that comes next, from 1 on.
    private(set) var line = 1
    private var piece: [UInt8] = []
    private var position = 0
    private let more: () throws -> [UInt8]

    /// - Parameter more: the next piece; empty: there is none.
    init(more: @escaping () throws -> [UInt8]) {
        self.more = more
    }

    /// The byte that comes next; nil at the end.
    mutating func peek() throws -> UInt8? {
        if position == piece.count {
            piece = try more()
            position = 0
            if piece.isEmpty { return nil }
        }
        return piece[position]
    }

    /// Takes the byte that comes next; nil at the end.
    @discardableResult
    mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        if byte == .newline { line += 1 }
        return byte
    }

    /// What is kept of a value or a line, in bytes; no row of links has one that long.
    static let longestValue = 1 << 20

    /// Takes the rest of the line, without its end; of a line that is longer than a value may be, one byte more than that. Nil
    /// at the end of the input.
    mutating func restOfLine() throws -> [UInt8]? {
        guard try peek() != nil else { return nil }
        var bytes: [UInt8] = []
        while let byte = try next(), byte != .newline {
            if bytes.count <= Self.longestValue { bytes.append(byte) }
        }
        if bytes.last == .carriageReturn { bytes.removeLast() }
        return bytes
    }

    /// The byte after the one that comes next.
    mutating func peekSecond() throws -> UInt8? {
        guard try peek() != nil else { return nil }
        if position + 1 == piece.count { try extend() }
        return position + 1 < piece.count ? piece[position + 1] : nil
    }

    /// The line that comes next, which is not taken; of a very long one its beginning.
    mutating func peekLine() throws -> [UInt8] {
        _ = try peek()
        while !piece[position...].contains(.newline), piece.count - position < Self.longLine, try extend() {}
        return Array(piece[position...].prefix { $0 != .newline })
    }

    private static let longLine = 65_536

    /// Adds a piece to what is held; false if there is none.
    @discardableResult
    private mutating func extend() throws -> Bool {
        let added = try more()
        piece = piece[position...] + added
        position = 0
        return !added.isEmpty
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let tab = UInt8(ascii: "\t")
    static let backslash = UInt8(ascii: "\\")
    static let quote = UInt8(ascii: "'")
    static let doubleQuote = UInt8(ascii: "\"")
    static let backtick = UInt8(ascii: "`")
    static let openParenthesis = UInt8(ascii: "(")
    static let closeParenthesis = UInt8(ascii: ")")
    static let comma = UInt8(ascii: ",")
    static let semicolon = UInt8(ascii: ";")
    static let dash = UInt8(ascii: "-")
    static let slash = UInt8(ascii: "/")
    static let star = UInt8(ascii: "*")
    static let dollar = UInt8(ascii: "$")

    var isSpace: Bool { self == 32 || (9...13).contains(self) }

    /// True for what names and words of SQL are made of without quotation marks.
    var isWord: Bool {
        (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self) || self == 95 || self >= 128
    }
}
