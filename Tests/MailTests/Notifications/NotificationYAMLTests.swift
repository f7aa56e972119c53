import Foundation
import LinkStore
import OneTimeLinks
import TestSupport
import Testing

@testable import Notifications

@Suite("Notifications in the desk's YAML")
struct NotificationYAMLTests {
    /// As the desk writes it, with much that is not ours.
    static let export = """
        ---
        - ChangeBy: '1'
          ChangeTime: 2026-11-25 09:00:00
          Comment: ~
          CreateBy: '1'
          CreateTime: 2026-11-25 09:00:00
          Data:
            Events:
            - NotificationNewTicket
            RecipientAgents:
            - '1'
            Recipients:
            - AgentMyQueues
            Transports:
            - Email
          ID: '1'
          Message:
            en:
              Body: "Hi <OTOBO_NOTIFICATION_RECIPIENT_UserFirstname>,\\n\\nnew.\\n"
              ContentType: text/plain
              Subject: 'Ticket Created: <OTOBO_TICKET_Title>'
          Name: Ticket create notification
          ValidID: '1'
        - Comment: 'For people: "us"'
          Data:
            Events:
            - TicketCreate
            - NotificationFollowUp
            IsVisibleForCustomer:
            - '1'
            Recipients:
            - Customer
            - AgentOwner
            TransportEmailTemplate:
            - Default
          ID: 42
          Message:
            de:
              Body: |
                <p>Guten Tag &lt;OTOBO_CUSTOMER_REALNAME&gt;,</p>

                <p>*fett* &amp; Q&A: &lt;OTOBO_OTACustomerTicketLink&gt;</p>
              ContentType: text/html
              Subject: Ihr Ticket
            no:
              Body: 5
              ContentType: text/plain; charset=utf-8
              Subject: yes
            pt_BR:
              Body: 'Olá'
              ContentType: text/plain
              Subject: 'Seu ticket #1'
          Name: Sperrige Ümläute
          ValidID: 2
        """

    @Test("An export is read, and events only of what goes to the customer")
    func read() throws {
        let notifications = try NotificationYAML.read(Data(Self.export.utf8))
        try #require(notifications.map(\.id) == [1, 42])
        #expect(notifications.map(\.event) == [nil, .ticketCreate])
        #expect(notifications.map(\.isValid) == [true, false])
        #expect(notifications.map(\.comment) == ["", "For people: \"us\""])
        #expect(notifications.map(\.name) == ["Ticket create notification", "Sperrige Ümläute"])
        #expect(notifications[0].messages.first?.body == "Hi <OTOBO_NOTIFICATION_RECIPIENT_UserFirstname>,\n\nnew.\n")
        #expect(
            notifications[1].messages == [
                NotificationMessage(
                    language: "de", subject: "Ihr Ticket",
                    body:
                        "<p>Guten Tag &lt;OTOBO_CUSTOMER_REALNAME&gt;,</p>\n\n"
                        + "<p>*fett* &amp; Q&A: &lt;OTOBO_OTACustomerTicketLink&gt;</p>\n", contentType: .html),
                NotificationMessage(language: "no", subject: "yes", body: "5"),
                NotificationMessage(language: "pt_BR", subject: "Seu ticket #1", body: "Olá"),
            ])
        let without = try NotificationYAML.read(Data(Self.export.utf8), takingEvents: false)
        #expect(without.map(\.event) == [nil, nil])
        #expect(without.map(\.messages) == notifications.map(\.messages))
    }

    @Test("What is written reads back the same, whatever the texts look like")
    func roundTrip() throws {
        let texts = [
            "x", "no", "~", "null", "1e3", "0x10", "- a", "a: b", "a #b", "'", "\"", "\\", "!tag", "*alias", "&anchor",
            "%",
            "@", "`", "{a}", "[a]", "|", ">", " lead", "trail ", "\ttab", "two\nlines", "\nfirst", "last\n\n\n",
            "a\r\nb\rc", "ends \n with blanks \n", "    deep\n  less\n", "---", "...", "Ümläute ß €", "日本語", "👩‍👩‍👧 🦊",
            "non\u{A0}breaking", "\u{2028}line", "a mark\u{FEFF} inside", "<p>&lt;OTOBO_X&gt;</p>\n<p>y</p>",
            String(repeating: "long words ", count: 40),
        ]
        var notifications = texts.enumerated().map { index, text in
            StoredNotification(
                id: index + 1,
                name: "N\(index) " + text.line,
                comment: text,
                isValid: index % 2 == 0,
                messages: ["de", "no", "pt_BR"].map {
                    NotificationMessage(
                        language: $0, subject: text, body: text, contentType: index % 3 == 0 ? .html : .plain)
                })
        }
        for (index, event) in NotificationEvent.allCases.enumerated() { notifications[index].event = event }
        let written = try NotificationYAML.write(notifications)
        let read = try NotificationYAML.read(written)
        try #require(read.count == notifications.count)
        for (read, original) in zip(read, notifications) { #expect(read == original) }
        #expect(try NotificationYAML.write(read) == written)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let file: Data
        let problem: String

        init(_ name: String, _ text: String, _ problem: String) {
            testDescription = name
            file = Data(text.utf8)
            self.problem = problem
        }

        init(_ name: String, replacing part: String, with other: String, _ problem: String) {
            self.init(name, Self.good.replacing(part, with: other), problem)
        }

        init(_ name: String, data: Data, _ problem: String) {
            testDescription = name
            file = data
            self.problem = problem
        }

        static let good = """
            - ID: 7
              Name: N
              ValidID: 1
              Data:
                Events: [TicketCreate]
                Recipients: [Customer]
              Message:
                de: {Subject: S, Body: B, ContentType: text/plain}
            """
    }

    static let table: [Bad] = [
        Bad("nothing", "", "the file: is empty"),
        Bad("white space", " \n\n", "the file: is empty"),
        Bad("a comment", "# nothing\n", "the file: is empty"),
        Bad("nothing in a document", "---\n", "the file (line 2): holds a single value"),
        Bad("no list", "[]", "the file: holds no notification"),
        Bad("a word", "notifications", "the file (line 1): holds a single value where a list"),
        Bad("JSON of another kind", #"{"Notification": []}"#, "the file (line 1): holds a map where a list"),
        Bad("one notification without a list", good.dropDash, "the file (line 1): holds a map"),
        Bad("a web page", "\n<!DOCTYPE html><html><body>Login</body></html>", "the file: is a web page"),
        Bad("no YAML", "- a: [b\nc: }", "(line 2): is not YAML"),
        Bad("two documents", "- a\n---\n- b", "is not YAML as the desk writes it"),
        Bad("tabs for indentation", "- ID: 1\n\tName: x", "(line 2): is not YAML"),
        Bad("a key twice", replacing: "Name: N", with: "Name: N\n  Name: M", "is not YAML"),
        Bad("not UTF-8", data: Data([0x2D, 0x20, 0xFF, 0xFE]), "the file: is not UTF-8"),
        Bad("UTF-16", data: Data(good.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }), "is not YAML"),
        Bad("a NUL", "- ID: 1\0", "is not YAML"),
        Bad("10 MB", data: Data(repeating: UInt8(ascii: "-"), count: 10_000_000), "the file: is larger than 4 MiB"),
        Bad("deep nesting", String(repeating: "[", count: 100_000), "is not YAML"),
        Bad("deep nesting of blocks", "- " + String(repeating: "- ", count: 100_000) + "a", "is not YAML"),
        Bad("a bomb of aliases", bomb(key: false), "the file: has the anchor &a0 and its alias"),
        Bad("a bomb of aliases in a key", bomb(key: true), "the file: has the anchor &a0 and its alias"),
        Bad("an alias to itself", "&a [*a]", "the file: has the anchor &a and its alias"),
        Bad("an unknown alias", "- *a", "(line 1): is not YAML"),
        Bad("an entry that is text", "- a", "notification 1 (line 1): is a single value, and must be a map"),
        Bad("an entry that is a list", "- [a]", "notification 1 (line 1): is a list, and must be a map"),
        Bad("no ID", replacing: "ID: 7", with: "Id: 7", "notification 1 (line 1): has no field ID"),
        Bad("ID null", replacing: "ID: 7", with: "ID: ~", "notification 1 (line 1): has no field ID"),
        Bad("ID text", replacing: "ID: 7", with: "ID: seven", "has a field ID that is not the number"),
        Bad("ID a list", replacing: "ID: 7", with: "ID: [7]", "has a field ID that is not the number"),
        Bad("ID 0", replacing: "ID: 7", with: "ID: 0", "has a field ID that is not the number"),
        Bad("ID too large", replacing: "ID: 7", with: "ID: 2147483648", "has a field ID that is not the number"),
        Bad("no name", replacing: "Name: N", with: "Nom: N", "has no field Name"),
        Bad("an empty name", replacing: "Name: N", with: "Name: ' '", "(line 2): has an empty Name"),
        Bad(
            "a name on two lines", replacing: "Name: N", with: "Name: \"a\\nb\"", "has a control character in its Name"),
        Bad("a name that is a map", replacing: "Name: N", with: "Name: {a: b}", "has a field Name that is a map"),
        Bad("no validity", replacing: "ValidID: 1", with: "Valid: 1", "has no field ValidID"),
        Bad("no messages", replacing: "Message:", with: "Messages:", "has no field Message"),
        Bad("messages as a list", replacing: "    de: {", with: "  - {", "notification 1, Message (line 8): is a list"),
        Bad(
            "messages without a language", replacing: "    de: {Subject: S, Body: B, ContentType: text/plain}",
            with: "    {}", "Message (line 8): has no language"),
        Bad("no language", replacing: "de:", with: "'de; x':", "(line 8): has a key that is no language"),
        Bad("a language that is a list", replacing: "de:", with: "? [de]\n    :", "has a key that is no language"),
        Bad(
            "a message that is text", replacing: "{Subject: S, Body: B, ContentType: text/plain}", with: "B",
            "notification 1, Message, de (line 8): is a single value"),
        Bad(
            "no subject", replacing: "Subject: S", with: "subject: S",
            "notification 1, Message, de (line 8): has no field Subject"),
        Bad("an empty subject", replacing: "Subject: S", with: "Subject: ''", "has an empty Subject"),
        Bad("no body", replacing: "Body: B, ", with: "", "has no field Body"),
        Bad(
            "a body that is a list", replacing: "Body: B", with: "Body: [B]",
            "has a field Body that is a list, and must be a text"),
        Bad("a body with a NUL", replacing: "Body: B", with: #"Body: "a\0b""#, "has a control character in its Body"),
        Bad(
            "a body too long", replacing: "Body: B", with: "Body: " + String(repeating: "x", count: 200_001),
            "has a Body of more than 200000"),
        Bad("no content type", replacing: ", ContentType: text/plain", with: "", "has no field ContentType"),
        Bad(
            "another content type", replacing: "text/plain", with: "text/markdown", "has a ContentType that is neither"),
        Bad(
            "data as a list", replacing: "Data:\n    Events: [TicketCreate]\n    Recipients: [Customer]",
            with: "Data: []", "notification 1, Data (line 4): is a list"),
        Bad(
            "events as text", replacing: "[TicketCreate]", with: "TicketCreate",
            "Data (line 5): has a field Events that is a single value"),
        Bad("an event that is a map", replacing: "[TicketCreate]", with: "[{a: b}]", "has in its list Events a map"),
        Bad(
            "two of our events", replacing: "[TicketCreate]", with: "[TicketStateUpdate, X, TicketCreate]",
            "Data, Events (line 5): names TicketCreate, TicketStateUpdate, and here a single"),
        Bad(
            "the same ID twice", Bad.good + "\n" + Bad.good.replacing("Name: N", with: "Name: M"),
            "notification 2 (line 9): has the ID or the Name of notification 1"),
        Bad(
            "the same name twice", Bad.good + "\n" + Bad.good.replacing("ID: 7", with: "ID: 8"),
            "notification 2 (line 9): has the ID or the Name"),
    ]

    private static let good = Bad.good

    /// Ten levels of nine aliases each: a thousand million elements, from one kilobyte.
    private static func bomb(key: Bool) -> String {
        var text = "- &a0 [x]\n"
        for level in 1...10 {
            text += "- &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        return text + (key ? "- ? *a10\n  : x\n" : "- ID: *a10\n")
    }

    @Test("What is not an export is refused with what is wrong, where, and what to do", arguments: table)
    func bad(bad: Bad) throws {
        let error = try #require(throws: NotificationFileError.self) { try NotificationYAML.read(bad.file) }
        #expect(error.description.contains(bad.problem), "\(error)")
        #expect(error.description.utf8.count < 300)
        #expect(!error.advice.isEmpty)
    }

    @Test("The good one of the table is good, also with a byte order mark and with CRLF")
    func good() throws {
        #expect(try NotificationYAML.read(Data(Bad.good.utf8)).count == 1)
        #expect(try NotificationYAML.read(Data(("\u{FEFF}" + Bad.good).utf8)).count == 1)
        #expect(try NotificationYAML.read(Data(Bad.good.replacing("\n", with: "\r\n").utf8)).count == 1)
    }

    @Test("Damaged files are refused or read, and never more")
    func mutations() throws {
        var generator = SeededGenerator(seed: 8)
        let source = Array(Self.export.utf8)
        let pieces = [
            "[", "]", "{", "}", ": ", "- ", "? ", "&a ", "*a ", "\n", "\"", "'", "|\n", "!!int ", "\0", "\t", "---\n",
            "<<: ", "%",
        ]
        for _ in 0..<2_000 {
            var bytes = source
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &generator) ?? "").utf8), at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 40))
                }
            }
            do throws(NotificationFileError) {
                _ = try NotificationYAML.read(Data(bytes))
            } catch {
                #expect(error.description.utf8.count < 300)
            }
        }
    }
}

extension String {
    /// What may stand in a name.
    fileprivate var line: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0.value >= 32 }.prefix(100)))
    }

    fileprivate var dropDash: String {
        split(separator: "\n").map { String($0.dropFirst(2)) }.joined(separator: "\n")
    }
}
