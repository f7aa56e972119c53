/// The three lines that OTOBO 11 adds to the plain text of what its editor wrote. The editor's style sheet names three
/// addresses in comments, and the desk lists them as links of the text: `[1] https://ckeditor.com/...`,
/// `[2] https://otrs.com/`, `[3] https://otobo.io/`. Agents do not see them, and no customer has a use for them.
enum EditorFootnotes {
    private static let addresses = ["https://ckeditor.com/", "https://otrs.com/", "https://otobo.io/"]
        .map { Array($0.utf8) }
    /// No such line is longer, in bytes.
    private static let longestLine = 200

    /// The text without them, also where they stand in a quotation. Where they were the end of the text, the empty lines before
    /// them go too. All else stays, the numbers of the text's own links as well.
    static func removed(from text: String) -> String {
        let bytes = Array(text.utf8)
        let lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false)
        guard lines.count >= addresses.count else { return text }
        var kept: [ArraySlice<UInt8>] = []
        var index = 0
        var hasRemoved = false
        while index < lines.count {
            guard areFootnotes(lines, from: index) else {
                kept.append(lines[index])
                index += 1
                continue
            }
            hasRemoved = true
            index += addresses.count
            if lines[index...].allSatisfy(isBlank) {
                while let last = kept.last, isBlank(last) { kept.removeLast() }
                break
            }
        }
        return hasRemoved ? String(decoding: Array(kept.joined(separator: [lineFeed])), as: UTF8.self) : text
    }

    private static func areFootnotes(_ lines: [ArraySlice<UInt8>], from start: Int) -> Bool {
        guard start + addresses.count <= lines.count, let first = number(of: lines[start], addresses[0]) else {
            return false
        }
        return addresses.indices.dropFirst().allSatisfy { offset in
            number(of: lines[start + offset], addresses[offset]) == first + offset
        }
    }

    /// The number in front of an address that stands alone on its line; of the first one only the beginning is known.
    private static func number(of line: ArraySlice<UInt8>, _ address: [UInt8]) -> Int? {
        guard line.count <= longestLine else { return nil }
        var rest = line.drop { $0 == UInt8(ascii: ">") || isSpace($0) }
        guard rest.popFirst() == UInt8(ascii: "[") else { return nil }
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...4).contains(digits.count), rest.dropFirst(digits.count).starts(with: "] ".utf8) else { return nil }
        rest = rest.dropFirst(digits.count + 2)
        guard rest.starts(with: address) else { return nil }
        rest = rest.dropFirst(address.count)
        let isWhole = address == addresses[0] ? !rest.contains(where: { $0 == 0x20 }) : isBlank(rest)
        return isWhole ? digits.reduce(0) { $0 * 10 + Int($1 - 48) } : nil
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy(isSpace) }
}
