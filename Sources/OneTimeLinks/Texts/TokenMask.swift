/// Finds tokens, and parts of them, in every spelling that `TokenText` and the address of a link still take for one: with white space
/// and invisible characters between the signs, and with signs written as escapes.
///
/// Takes time in proportion to the text.
enum TokenMask {
    /// Shorter runs are the numbers under which mail servers keep a mail. Half of a token is longer.
    private static let shortest = 16
    /// From this length on letters alone count too: one half of a token in sixty has no digit. Runs with white space between
    /// count from this length on.
    private static let shortestOfLetters = 20
    /// A longer word or number among the pieces of a token is none of them.
    private static let longestWord = 4

    /// Whether a token, or half of one, stands in the text.
    static func finds(in text: some StringProtocol) -> Bool { !ranges(in: Array(text.utf8)).isEmpty }

    /// The text with a word in place of each token.
    static func masked(_ text: String, with word: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = ranges(in: bytes)
        guard !ranges.isEmpty else { return text }
        var result: [UInt8] = []
        var rest = 0
        for range in ranges {
            result += bytes[rest..<range.lowerBound]
            result += word.utf8
            rest = range.upperBound
        }
        return String(decoding: result + bytes[rest...], as: UTF8.self)
    }

    /// Where they stand, in order.
    private static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        guard bytes.count >= shortest else { return [] }
        let (decoded, starts) = TokenText.unescaped(bytes)
        var found: [Range<Int>] = []
        var chain: [Piece] = []
        var piece: Piece?
        func endPiece() {
            if let ended = piece { chain.append(ended) }
            piece = nil
        }
        func endChain() {
            endPiece()
            // What stands between two long words, or at the end.
            for part in chain.split(whereSeparator: { $0.isWord && $0.length > longestWord }) {
                found += tokens(in: part).map { starts[$0.lowerBound]..<starts[$0.upperBound] }
            }
            chain.removeAll(keepingCapacity: true)
        }
        var position = 0
        while position < decoded.count {
            let byte = decoded[position]
            if let sign = Sign(byte) {
                piece = piece ?? Piece(start: position)
                piece?.add(sign, at: position)
                position += 1
            } else if let passed = TokenText.invisible(decoded[position...]) {
                position += passed
            } else if let passed = TokenText.whiteSpace(decoded[position...]) {
                endPiece()
                position += passed
            } else {
                endChain()
                position += 1
            }
        }
        endChain()
        return found
    }

    /// The tokens among pieces that have nothing but white space between them, as ranges of decoded bytes.
    private static func tokens(in pieces: ArraySlice<Piece>) -> [Range<Int>] {
        if pieces.contains(where: \.isToken) {
            return pieces.split(whereSeparator: \.isWord).filter { $0.contains(where: \.isToken) }.flatMap(oddOnes)
        }
        var rest = pieces
        while let first = rest.first, first.isWord, first.length > 1 { rest.removeFirst() }
        while let last = rest.last, last.isWord, last.length > 1 { rest.removeLast() }
        guard let whole = Piece(joining: rest), whole.length >= shortestOfLetters, whole.lower > 0, whole.upper > 0,
            whole.changes * 10 >= whole.length * (rest.contains(where: \.isWord) ? 4 : 3)
        else { return [] }
        return [whole.start..<whole.end]
    }

    /// Each token, and with it what is odd and stands beside it: another part.
    private static func oddOnes(_ pieces: ArraySlice<Piece>) -> [Range<Int>] {
        var found: [(range: Range<Int>, isToken: Bool)] = []
        for piece in pieces {
            if let last = found.last, !last.isToken || !piece.isToken {
                found[found.count - 1] = (last.range.lowerBound..<piece.end, last.isToken || piece.isToken)
            } else {
                found.append((piece.start..<piece.end, piece.isToken))
            }
        }
        return found.map(\.range)
    }
}

extension TokenMask {
    /// What a sign of a token is.
    fileprivate enum Sign {
        case lower, upper, digit

        init?(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): self = .lower
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .upper
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
            default: return nil
            }
        }
    }

    /// Letters and digits with nothing visible between them.
    fileprivate struct Piece {
        let start: Int
        private(set) var end: Int
        private(set) var length = 0
        private(set) var lower = 0
        private(set) var upper = 0
        /// How often a sign is of another kind than the one before it: in a token six times of ten, in words hardly ever.
        private(set) var changes = 0
        private var first: Sign?
        private var last: Sign?

        init(start: Int) {
            (self.start, end) = (start, start)
        }

        /// Nil if there are none.
        init?(joining pieces: ArraySlice<Piece>) {
            guard var whole = pieces.first else { return nil }
            for piece in pieces.dropFirst() {
                whole.end = piece.end
                whole.length += piece.length
                whole.lower += piece.lower
                whole.upper += piece.upper
                whole.changes += piece.changes + (whole.last == piece.first ? 0 : 1)
                whole.last = piece.last
            }
            self = whole
        }

        mutating func add(_ sign: Sign, at position: Int) {
            end = position + 1
            length += 1
            switch sign {
            case .lower: lower += 1
            case .upper: upper += 1
            case .digit: break
            }
            if let last, last != sign { changes += 1 }
            first = first ?? sign
            last = sign
        }

        private var digits: Int { length - lower - upper }

        /// A number, or a word in small letters, in capitals, or with one in front.
        var isWord: Bool {
            digits == length || lower == length || upper == length
                || (first == .upper && upper == 1 && lower == length - 1)
        }

        /// A token, or half of one.
        var isToken: Bool {
            guard length >= TokenMask.shortest, lower > 0, upper > 0 else { return false }
            // A long German noun has its only capital in front, and names of programs one for each word.
            return digits > 0 || (length >= TokenMask.shortestOfLetters && changes * 10 >= length * 3)
        }
    }
}
