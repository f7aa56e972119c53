import MailMessage
import TestSupport
import Testing

@Suite("The outline of a spooled message")
struct MessageOutlineTests {
    /// What a part is and where it is.
    private struct Place: Equatable {
        let path: [Int]
        let header: Range<Int>
        let body: Range<Int>
        let mediaType: String
        let encoding: TransferEncoding
        let fields: [UInt8]

        init(_ part: MIMEPart) {
            path = part.path
            header = part.headerRange
            body = part.bodyRange
            mediaType = part.contentType.mediaType
            encoding = part.transferEncoding
            fields = part.header.serialised
        }
    }

    private func expectAlike(_ message: [UInt8], _ name: String = "") throws {
        let spool = try MessageSpool(directory: "/tmp")
        for start in stride(from: 0, to: message.count, by: 10_007) {
            try spool.append(message[start..<min(start + 10_007, message.count)])
        }
        let found = try MessageOutline(of: spool.finish()).root.allParts.map(Place.init)
        let wanted = MailReader(message).root.allParts.map(Place.init)
        #expect(found == wanted, "\(name) \(String(decoding: message.prefix(2_000), as: UTF8.self))")
    }

    private static let examples: [String] = [
        "", "\n", "\r\n", "a", "A: b\n", "A: b\n\nbody", "\n--b\n",
        "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nA: 1\n\none\n--b\n\ntwo\n--b--\nepilogue\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b\n\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--",
        "Content-Type: multipart/mixed; boundary=b\n\n--b",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: no end of the header\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n\n--b\nA: 2\n\n\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--bb\nstill one\n--b-\nstill\n--b --\nstill\n--b--  \n--b\nx",
        "Content-Type: multipart/mixed; boundary=b\n\nnot closed\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>",
        "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n--\n",
        "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n",
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\none\n--i\n"
            + "Content-Type: text/html\n\ntwo\n--o\n\nthree\n--i\nnot a part\n--o--\n--i\n",
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n--o\n\nx\n--o--\n",
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i--\nepilogue\n--i\n"
            + "\n--o\n\nx\n--o--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ninner?\n--b--\n--b--\n",
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=oo\n\n--oo\n\nx\n--oo--\n--o--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n"
            + "--c\n\nx\n--c--\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n--b\n\none\n--b--\n",
        "From me\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n",
    ]

    @Test(
        "It has the same parts in the same places as a reader in memory finds, whatever line ends there are",
        arguments: examples)
    func shapes(shape: String) throws {
        for lineEnd in ["\n", "\r\n", "\n\r\n"] {
            try expectAlike(Array(shape.replacing("\n", with: lineEnd).utf8))
        }
    }

    @Test("Twenty thousand damaged messages within a multipart")
    func mutations() throws {
        let pieces = [
            "--o\n", "--o--\n", "--i\r\n", "\n--i--\n", "--", "\n", "-",
            "Content-Type: multipart/mixed; boundary=i\n\n",
        ]
        var generator = SeededGenerator(seed: 13)
        for message in mutatedMessages(count: 20_000) {
            var whole = Array("Content-Type: multipart/mixed; boundary=o\n\n--o\n".utf8)
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                whole += Array((pieces.randomElement(using: &generator) ?? "").utf8)
                if Bool.random(using: &generator) { whole += message.shuffled(using: &generator).prefix(20) + message }
            }
            try expectAlike(whole)
        }
    }

    @Test("A delimiter is found wherever two chunks meet")
    func chunkBorders() throws {
        for length in 65_440...65_540 {
            let filler = String(repeating: "x", count: length)
            try expectAlike(
                Array(
                    "Content-Type: multipart/mixed; boundary=b\r\n\r\n\(filler)\r\n--b\r\nA: b\r\n\r\none\r\n--b--\r\n"
                        .utf8))
        }
    }

    @Test("Long lines, long delimiter lines, many parts and a deep tree")
    func large() throws {
        let long = String(repeating: "y", count: 300_000)
        let blank = String(repeating: " ", count: 100_000)
        let head = "Content-Type: multipart/mixed; boundary=b\n\n"
        try expectAlike(Array("\(head)--b\n\n\(long)\n--b\(blank)\n\none\n--b\(blank)x\n--b--\n".utf8), "long lines")
        try expectAlike(Array("\(head)--\(long)\n--b\nA: \(long.prefix(60_000))\n\nx\n--b--".utf8), "long header")
        try expectAlike(
            Array((head + String(repeating: "--b\n\nx\n", count: 3_000) + "--b--\n").utf8), "three thousand parts")
        let deep = (0..<30).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined() + "\nx\n"
        try expectAlike(Array(deep.utf8), "thirty levels")
    }

    @Test("A header that no mail program writes makes a part that is no text")
    func longHeader() throws {
        let long = String(repeating: "A: b\n", count: 300_000)
        let outline = try MessageOutline(of: SpooledMessage(Array("\(long)\nbody".utf8)))
        #expect(outline.root.allParts.count == 1 && outline.textParts.isEmpty)
        let head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        let parts = try MessageOutline(of: SpooledMessage(Array("\(head)\(long)\nx\n--b\n\ntext\n--b--\n".utf8)))
        #expect(parts.root.children.map(\.isText) == [false, true])
    }
}

@Suite("Edits of a message")
struct MessageEditTests {
    private let message = SpooledMessage(Array("0123456789".utf8))

    private func edit(_ range: Range<Int>, _ text: String) -> MessageEdit {
        MessageEdit(range: range, replacement: Array(text.utf8))
    }

    @Test("They are made in order, and the length is known before")
    func applied() throws {
        for (edits, expected) in [
            ([], "0123456789"), ([edit(0..<0, "a")], "a0123456789"), ([edit(10..<10, "a")], "0123456789a"),
            ([edit(2..<4, ""), edit(4..<5, "xyz")], "01xyz56789"), ([edit(0..<10, "")], ""),
            ([edit(3..<3, "a"), edit(3..<4, "b")], "012ab456789"),
        ] as [([MessageEdit], String)] {
            let edited = try EditedMessage(message, edits: edits)
            #expect(try String(decoding: edited.bytes(), as: UTF8.self) == expected)
            #expect(edited.length == expected.utf8.count)
        }
    }

    @Test("Those that overlap, are out of order or lie beyond the end are refused")
    func refused() {
        for edits in [
            [edit(0..<5, ""), edit(4..<6, "")], [edit(5..<6, ""), edit(0..<1, "")], [edit(9..<11, "")],
            [edit(11..<11, "a")],
        ] { #expect(throws: MessageEditError.self) { try EditedMessage(message, edits: edits) } }
    }

    @Test("A message in memory has a bound; one in a file is as long as it may be, and a byte more is refused")
    func limits() throws {
        let megabyte = [UInt8](repeating: 1, count: 1 << 20)
        let inMemory = try MessageSpool(directory: nil)
        for _ in 0..<8 { try inMemory.append(megabyte[...]) }
        #expect(throws: MessageStreamError.bodyTooLong(limit: 8 << 20)) { try inMemory.append([1]) }
        let inFile = try MessageSpool(directory: "/tmp", limit: 9 << 20)
        for _ in 0..<9 { try inFile.append(megabyte[...]) }
        #expect(throws: MessageStreamError.bodyTooLong(limit: 9 << 20)) { try inFile.append([1]) }
        #expect(inFile.finish().length == 9 << 20)
        #expect(throws: MessageStreamError.spool(errorNumber: 2)) { try MessageSpool(directory: "/nowhere") }
    }

    @Test("A field is taken out of the header of an edited message")
    func removedField() throws {
        let mail = SpooledMessage(Array("To: a\nBCC: b,\n c\nSubject: x\n\nBcc: body\n".utf8))
        let edited = try EditedMessage(mail, edits: [edit(0..<5, "To: d")])
        let without = try edited.removingFields(spoolingIn: "/tmp") { $0.lenientName == "bcc" }
        #expect(try String(decoding: without.bytes(), as: UTF8.self) == "To: d\nSubject: x\n\nBcc: body\n")
    }
}
