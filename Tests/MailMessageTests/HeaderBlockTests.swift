import MailMessage
import Testing

@Suite("The header section of a message")
struct HeaderBlockTests {
    @Test(
        "A section ends at the first line that is empty or holds one carriage return",
        arguments: [
            ("A: b\n\nbody", 6), ("A: b\r\n\r\nbody", 8), ("\nbody", 1), ("\r\nbody", 2), ("A: b\n\r\nbody", 7),
            ("A: b\n \nC: d\n\nbody", 13), ("A: b\n\r\r\nC: d\n\nbody", 14), ("A: b\r\rC: d\n\nbody", 12),
            ("junk\nA: b\n\nbody", 11), ("A: b\n\n\nbody", 6),
        ])
    func end(message: String, length: Int) {
        #expect(HeaderBlock.length(in: Array(message.utf8)) == length)
    }

    @Test("A section without end has no length", arguments: ["", "A: b", "A: b\n", "A: b\n\r", "A: b\r\r"])
    func noEnd(message: String) {
        #expect(HeaderBlock.length(in: Array(message.utf8)) == nil)
    }

    @Test("A folded field is one field with an unfolded value")
    func folding() throws {
        let header = parse("Subject: one\r\n two\r\n\tthree  \r\nTo: a@example.org\r\n\r\n")
        #expect(header.fields.count == 2)
        #expect(try #require(header.first(named: "subject")).value == "one two\tthree")
        #expect(
            try #require(header.first(named: "SUBJECT")).rawValue.elementsEqual(" one\r\n two\r\n\tthree  \r\n".utf8))
    }

    @Test("A value is decoded: encoded words, raw UTF-8, raw Latin 1")
    func decoding() {
        let raw = Array("A: =?utf-8?Q?gr=C3=BC=C3=9F?= you\nB: grüß\nC: gr".utf8) + [0xFC, 0xDF] + Array("\n\n".utf8)
        let header = HeaderBlock(parsing: raw)
        #expect(["A", "B", "C"].map { header.first(named: $0)?.decodedValue } == ["grüß you", "grüß", "grüß"])
    }

    /// Each row: the section, and what is left of it when the desk's own fields are removed.
    @Test(
        "A forged field goes, however it is spelled",
        arguments: [
            ("the plain spelling", "A: b\nX-OTOBO-Queue: x\nC: d\n\n", "A: b\nC: d\n\n"),
            ("other case", "x-otobo-queue: x\nX-oToBo-Lock: y\n\n", "\n"),
            ("the older prefixes", "X-OTRS-Queue: x\nX-Znuny-Queue: y\n\n", "\n"),
            ("nothing but the prefix", "X-OTOBO-: x\n\n", "\n"),
            ("white space before the colon", "X-OTOBO-Queue \t: x\n\n", "\n"),
            ("a folded value", "X-OTOBO-Queue: x\n y\n\tz\nC: d\n\n", "C: d\n\n"),
            ("a folded name", "X-OTOBO\n -Queue: x\nC: d\n\n", "C: d\n\n"),
            ("a colon on the next line", "X-OTOBO-Queue\n : x\nC: d\n\n", "C: d\n\n"),
            ("CRLF", "A: b\r\nX-OTOBO-Queue: x\r\n\r\n", "A: b\r\n\r\n"),
            ("after a bare CR", "A: b\rX-OTOBO-Queue: x\nC: d\n\n", "A: b\nC: d\n\n"),
            ("after a bare CR, CRLF", "A: b\rX-OTOBO-Queue: x\r\nC: d\r\n\r\n", "A: b\r\nC: d\r\n\r\n"),
            ("between bare CRs", "A: b\rX-OTOBO-Queue: x\rC: d\n\n", "A: b\rC: d\n\n"),
            ("before a bare CR", "X-OTOBO-Queue: x\rC: d\nE: f\n\n", "E: f\n\n"),
            ("after two bare CRs", "A: b\r\rX-OTOBO-Queue: x\n\n", "A: b\r\n\n"),
            ("at the end of the message, after a bare CR", "A: b\rX-OTOBO-Queue: x", "A: b"),
            ("a CR at the start of the line", "A: b\n\rX-OTOBO-Queue: x\n\n", "A: b\n\n"),
            ("a CR within the name", "X-OTO\rBO-Queue: x\nC: d\n\n", "C: d\n\n"),
            ("NUL within the name", "X-\0OTOBO-Queue: x\n\n", "\n"),
            ("a control character before the name", "\u{B}X-OTOBO-Queue: x\n\n", "\n"),
            ("a byte order mark", "\u{FEFF}X-OTOBO-Queue: x\n\n", "\n"),
            ("a soft hyphen and a zero-width space", "X-OT\u{AD}OBO\u{200B}-Queue: x\n\n", "\n"),
            ("after a malformed line", "junk\nX-OTOBO-Queue: x\n\n", "junk\n\n"),
            ("folded into a malformed line", "junk\n X-OTOBO-Queue: x\nC: d\n\n", "C: d\n\n"),
            ("indented at the start", " X-OTOBO-Queue: x\nC: d\n\n", "C: d\n\n"),
            ("indented in a second line at the start", " a\n X-OTOBO-Queue: x\nC: d\n\n", " a\nC: d\n\n"),
            (
                "indented after the envelope line", "From a@example.org\n X-OTOBO-Queue: x\nC: d\n\n",
                "From a@example.org\nC: d\n\n"
            ),
            ("in the envelope line", "From a\rX-OTOBO-Queue: x\nC: d\n\n", "From a\nC: d\n\n"),
            ("after a line of white space", "A: b\n \t\nX-OTOBO-Queue: x\n\n", "A: b\n \t\n\n"),
            ("after a line of CRs", "A: b\n\r\r\nX-OTOBO-Queue: x\n\n", "A: b\n\r\r\n\n"),
            ("line breaks of CR CR LF", "A: b\r\r\nX-OTOBO-Queue: x\r\r\n\r\r\n", "A: b\r\r\n\r\r\n"),
            ("only bare CRs", "A: b\rX-OTOBO-Queue: x\r\rbody", "A: b\r\rbody"),
            ("no empty line", "A: b\nX-OTOBO-Queue: x", "A: b\n"),
            ("folded into another value stays", "A: b\n X-OTOBO-Queue: x\n\n", "A: b\n X-OTOBO-Queue: x\n\n"),
            ("in a value stays", "Subject: X-OTOBO-Queue: x\n\n", "Subject: X-OTOBO-Queue: x\n\n"),
            ("a longer word stays", "XX-OTOBO-Queue: x\n\n", "XX-OTOBO-Queue: x\n\n"),
        ])
    func forged(row: (name: String, section: String, left: String)) {
        var header = parse(row.section)
        header.remove(namesStartingWith: deskPrefixes)
        #expect(String(decoding: header.serialised, as: UTF8.self) == row.left, "\(row.name)")
    }

    @Test("What was removed is reported")
    func removed() {
        var header = parse("X-OTOBO-Queue: x\nA: b\nx-otrs-Lock : y\n\n")
        #expect(header.remove(namesStartingWith: deskPrefixes).map(\.name) == ["X-OTOBO-Queue", "x-otrs-Lock"])
        #expect(header.remove(namesStartingWith: deskPrefixes).isEmpty)
    }

    @Test(
        "A new field stands first, where no line continues it",
        arguments: [
            ("A: b\n\n", "X-New: 1\nA: b\n\n"),
            ("A: b\r\n\r\n", "X-New: 1\r\nA: b\r\n\r\n"),
            ("\n", "X-New: 1\n\n"),
            ("\r\n", "X-New: 1\r\n\r\n"),
            ("", "X-New: 1\n"),
            ("From a@example.org\nA: b\n\n", "From a@example.org\nX-New: 1\nA: b\n\n"),
            (" indented\nA: b\n\n", " indented\nX-New: 1\nA: b\n\n"),
            ("From a@example.org\n indented\nA: b\n\n", "From a@example.org\n indented\nX-New: 1\nA: b\n\n"),
            ("\r indented\nA: b\n\n", "\r indented\nX-New: 1\nA: b\n\n"),
            ("From a@example.org", "From a@example.org\nX-New: 1\n"),
            ("From a@example.org\rA: b", "From a@example.org\rA: b\nX-New: 1\n"),
            ("junk\nA: b\n\n", "X-New: 1\njunk\nA: b\n\n"),
            ("x-new: old\nA: b\nX-NEW : older\n\n", "X-New: 1\nA: b\n\n"),
        ])
    func set(section: String, expected: String) throws {
        var header = parse(section)
        try header.set("X-New", to: "1")
        #expect(String(decoding: header.serialised, as: UTF8.self) == expected)
    }

    @Test("A value outside ASCII is written as encoded words and reads back")
    func setUnicode() throws {
        var header = parse("A: b\n\n")
        try header.set("X-New", to: "jürgen@example.org")
        #expect(header.serialised.allSatisfy { $0 < 0x80 })
        #expect(try #require(header.first(named: "X-New")).decodedValue == "jürgen@example.org")
    }

    @Test("A value that would add a line is refused", arguments: ["a\nB: c", "a\rB: c", "a\0", "a\u{85}b"])
    func injection(value: String) {
        var header = parse("A: b\n\n")
        #expect(throws: HeaderFieldError.invalidValue) { try header.set("X-New", to: value) }
        #expect(header == parse("A: b\n\n"))
    }

    @Test("A name that is no field name is refused", arguments: ["", "A B", "A:", "Ä", "A\n"])
    func invalidName(name: String) {
        var header = parse("A: b\n\n")
        #expect(throws: HeaderFieldError.invalidName) { try header.add(name, value: "x") }
    }

    private func parse(_ text: String) -> HeaderBlock {
        HeaderBlock(parsing: text.utf8)
    }
}

let deskPrefixes = ["X-OTOBO-", "X-OTRS-", "X-Znuny-"]
