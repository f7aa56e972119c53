import MailMessage
import Testing

@Suite("Header sections of 20,000 mutated messages")
struct HeaderMutationTests {
    @Test("What was read is written out byte for byte")
    func identity() {
        let failures = failingMessages { message in
            let section = section(of: message)
            return HeaderBlock(parsing: message).serialised == message
                && HeaderBlock(parsing: section).serialised.elementsEqual(section)
        }
        #expect(failures.isEmpty)
    }

    @Test("Removing forged fields hides them from every reader")
    func removal() {
        let failures = failingMessages { message in
            var header = HeaderBlock(parsing: section(of: message))
            header.remove(namesStartingWith: deskPrefixes)
            let after = header.serialised
            return Reader.allCases.allSatisfy { reader in
                !reader.names(in: after).contains { $0.hasPrefix("x-otobo-") }
            }
        }
        #expect(failures.isEmpty)
    }

    @Test("Removing forged fields shows the desk no field that it did not see before")
    func nothingNew() {
        let failures = failingMessages { message in
            let before = HeaderBlock(parsing: section(of: message))
            var header = before
            header.remove(namesStartingWith: deskPrefixes)
            guard header != before else { return true }
            return Set(Reader.desk.names(in: header.serialised)).isSubset(of: Reader.desk.names(in: before.serialised))
        }
        #expect(failures.isEmpty)
    }

    @Test("Removing forged fields takes whole fields and touches no other")
    func others() {
        let failures = failingMessages { message in
            let before = HeaderBlock(parsing: section(of: message))
            var header = before
            let removed = header.remove(namesStartingWith: deskPrefixes)
            // A piece may take over the line break of the piece after it, so line breaks are left out here.
            return removed.isEmpty == (header == before) && header.terminator == before.terminator
                && isSubsequence(header.fields.map(stripped), of: before.fields.map(stripped))
        }
        #expect(failures.isEmpty)
    }

    @Test("A field that is set is seen once and unchanged, and nothing else changes")
    func setting() {
        let failures = failingMessages { message in
            var header = HeaderBlock(parsing: section(of: message))
            header.remove(namesStartingWith: deskPrefixes)
            let before = header.serialised
            guard (try? header.set("X-OTOBO-CustomerUser", to: "jane@example.org")) != nil else { return false }
            let values = header.fields(named: "X-OTOBO-CustomerUser").map(\.value)
            let seen = Reader.desk.names(in: header.serialised).filter { $0 == "x-otobo-customeruser" }
            header.remove { $0.name == "X-OTOBO-CustomerUser" }
            return values == ["jane@example.org"] && seen.count == 1
                && stripBreaks(header.serialised) == stripBreaks(before)
        }
        #expect(failures.isEmpty)
    }

    @Test("The sender and robot rules answer for every message")
    func rules() {
        let rule = RobotRule()
        let failures = failingMessages { message in
            let header = HeaderBlock(parsing: message)
            _ = rule.reason(for: header)
            guard case .sender(let sender) = SenderRule.verdict(for: header) else { return true }
            return (try? MailAddress(sender.address).address) == sender.address
        }
        #expect(failures.isEmpty)
    }

    /// The first few messages that a property does not hold for, as Swift would write them.
    private func failingMessages(_ holds: ([UInt8]) -> Bool) -> [String] {
        var failing: [String] = []
        for message in mutatedMessages() where failing.count < 5 && !holds(message) {
            failing.append(String(decoding: message, as: UTF8.self).debugDescription)
        }
        return failing
    }

    private func section(of message: [UInt8]) -> ArraySlice<UInt8> {
        message.prefix(HeaderBlock.length(in: message) ?? message.count)
    }
}

/// How programs read header sections; each is simpler than ours and knows nothing of it.
private enum Reader: CaseIterable {
    /// Lines end at LF; malformed lines are skipped; the section ends at an empty line or a lone CR.
    case desk
    /// Lines end at LF, CRLF or CR; the section ends at the first empty line.
    case universalLineBreaks
    /// All carriage returns are dropped first.
    case carriageReturnsDropped
    /// NUL is dropped first, and white space before the colon is allowed.
    case nulDropped
    /// Every line is trimmed before it is looked at, if there is no field to continue.
    case trimming

    func names(in section: [UInt8]) -> [String] {
        switch self {
        case .desk:
            return fields(in: lines(section), isEnd: { $0.isEmpty || $0 == [0x0D] }).compactMap(strictName)
        case .universalLineBreaks:
            let text = replacing(section, [0x0D, 0x0A], with: [0x0A]).map { $0 == 0x0D ? 0x0A : $0 }
            return fields(in: lines(text), isEnd: \.isEmpty).compactMap(looseName)
        case .carriageReturnsDropped:
            return fields(in: lines(section.filter { $0 != 0x0D }), isEnd: \.isEmpty).compactMap(looseName)
        case .nulDropped:
            let text = section.filter { $0 != 0 }
            return fields(in: lines(text), isEnd: { $0.isEmpty || $0 == [0x0D] }).compactMap(looseName)
        case .trimming:
            var names: [String] = []
            var hasField = false
            for line in lines(section) {
                if line.isEmpty || line == [0x0D] { break }
                let continues = hasField && (line[0] == 0x20 || line[0] == 0x09)
                if continues { continue }
                let name = looseName(Array(line.drop { $0 <= 0x20 }))
                hasField = name != nil
                names += [name].compactMap(\.self)
            }
            return names
        }
    }

    private func lines(_ text: [UInt8]) -> [[UInt8]] {
        text.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    }

    private func fields(in lines: [[UInt8]], isEnd: ([UInt8]) -> Bool) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        for line in lines {
            if isEnd(line) { break }
            if let first = line.first, first == 0x20 || first == 0x09, let last = fields.popLast() {
                fields.append(last + line)
            } else {
                fields.append(line)
            }
        }
        return fields
    }

    private func strictName(_ line: [UInt8]) -> String? {
        let name = line.prefix { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
        guard !name.isEmpty, name.count < line.count, line[name.count] == 0x3A else { return nil }
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private func looseName(_ line: [UInt8]) -> String? {
        guard let colon = line.firstIndex(of: 0x3A) else { return nil }
        var name = line[..<colon]
        while let last = name.last, last == 0x20 || last == 0x09 { name = name.dropLast() }
        guard !name.isEmpty, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: name, as: UTF8.self).lowercased()
    }
}

private func replacing(_ bytes: [UInt8], _ pattern: [UInt8], with replacement: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index...].starts(with: pattern) {
            result += replacement
            index += pattern.count
        } else {
            result.append(bytes[index])
            index += 1
        }
    }
    return result
}

private func stripped(_ field: RawField) -> [UInt8] {
    stripBreaks(field.bytes)
}

private func stripBreaks(_ bytes: [UInt8]) -> [UInt8] {
    bytes.filter { $0 != 0x0A && $0 != 0x0D }
}

private func isSubsequence(_ part: [[UInt8]], of whole: [[UInt8]]) -> Bool {
    var rest = part[...]
    for element in whole where element == rest.first { rest = rest.dropFirst() }
    return rest.isEmpty
}
