import Catalogue
import Foundation
import LinkActs
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import OutgoingMail

@Suite("The filter for outgoing mail")
struct OutboundFilterTests {
    private static let rows = outboundTexts + outboundEncodings + outboundStructures + outboundRecipients
    private static let settings = Settings(stored: [SettingName.archiveAddresses: "Archive@example.org"])

    private func filter(_ replica: Replica) -> OutboundFilter {
        OutboundFilter(
            offer: replica.offer(settings: Self.settings),
            linkURL: { "https://tickets.example.org/l/\($0)" }, ticketURL: { "https://desk.example.org/t?a=1&n=\($0)" },
            work: MailWork())
    }

    /// Besides Anna and her ticket: Bert has a password, Carl is switched off, Dora is unknown, and one ticket is long closed.
    private func withPeople(_ body: @escaping @Sendable ([Replica], TestDatabase) async throws -> Void) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, valid_id, pw)
                VALUES ('bert', 'bert@example.org', 'b', 'B', 'B', 1, 'x'), ('carl', 'carl@example.org', 'c', 'C', 'C', 2, '')
                """)
            let tickets = [
                ("2026112510000026", "bert"), ("2026112510000034", "carl"), ("2026112510000042", "dora"),
                ("2026112510000059", "anna@example.org"),
            ]
            for (index, (number, login)) in tickets.enumerated() {
                var ticket = try exampleTicket()
                ticket.number = try #require(TicketNumber(number))
                ticket.ticketID = Int64(index + 2)
                ticket.customerLogin = login
                if number.hasSuffix("59") {
                    ticket.stateType = .closed
                    ticket.closedAt = Date(timeIntervalSince1970: 1_000_000_000)
                }
                desk.change { [ticket] in $0.tickets[ticket.number] = ticket }
            }
            try await body(replicas, database)
        }
    }

    @Test("The table has at least 80 mails, each under its own name")
    func table() {
        #expect(Self.rows.count >= 80)
        #expect(Set(Self.rows.map(\.name)).count >= Self.rows.count - 3)
    }

    @Test("Every mail of the table, compared part by part by Python's reader")
    func everyMail() async throws {
        try await withPeople { (replicas, _) async throws in
            let filter = filter(replicas[0])
            var before: [[UInt8]] = []
            var after: [FilteredOutboundMail] = []
            for (number, row) in Self.rows.enumerated() {
                before.append(row.bytes(number: number))
                let message = SpooledMessage(before[number])
                #expect(try OutboundFilter.hasTags(message) == (row.outcome != "untouched"), "\(row.name)")
                after.append(
                    try await filter(
                        message, recipients: row.recipients, settings: Self.settings))
            }
            let mails = try after.map { try $0.bytes($0.mails.count - 1) }
            let read = try await readPartsByPython(before + mails)
            for (number, row) in Self.rows.enumerated() {
                let (old, new) = (read[number], read[Self.rows.count + number])
                #expect(after[number].outcome.word == row.outcome, "\(row.name)")
                #expect(new.defects == old.defects, "\(row.name)")
                if row.outcome == "untouched" || row.outcome == "signed" {
                    #expect(mails[number] == before[number], "\(row.name)")
                    continue
                }
                #expect(new.parts.map(\.type) == old.parts.map(\.type), "\(row.name)")
                #expect(new.otherFields == old.otherFields, "\(row.name)")
                let link = after[number].mails.last?.link
                var texts = row.body.parts[...]
                for (oldPart, newPart) in zip(old.parts, new.parts) {
                    guard oldPart.type.hasPrefix("text/"), let part = texts.popFirst() else {
                        #expect(newPart.content == oldPart.content, "\(row.name)")
                        continue
                    }
                    let expected = try self.expected(part, row, link: link, keys: replicas[0].keys)
                    #expect(newPart.content == expected, "\(row.name)")
                }
            }
        }
    }

    private func expected(_ part: OutboundRow.Part, _ row: OutboundRow, link: UUID?, keys: KeyRing) throws -> String {
        let number = row.subject.firstMatch(of: /[0-9]{16}/).map { String($0.0) } ?? "2026112510000018"
        let isHTML = part.type == "text/html"
        let plain = "https://desk.example.org/t?a=1\(isHTML ? "&amp;" : "&")n=\(number)"
        let token = try link.map { try #require(keys.sign($0, as: .link)) } ?? "no-link"
        let failed = Catalogue(for: .english).notice(.refreshFailed).text
        return part.expected.replacing("{link}", with: "https://tickets.example.org/l/\(token)")
            .replacing("{plain}", with: plain).replacing("{failed}", with: failed)
            .replacing("{failed-html}", with: failed)
    }

    @Test("One link per mail and person: a mail that comes again has the same bytes; another mail has another link")
    func repeats() async throws {
        try await withPeople { (replicas, database) async throws in
            let row = outboundTexts[0]
            func send(_ number: Int, _ replica: Int = 0) async throws -> OutboundMail {
                let filtered = try await filter(replicas[replica])(
                    SpooledMessage(row.bytes(number: number)), recipients: row.recipients, settings: Self.settings)
                return try #require(filtered.mails.first)
            }
            let first = try await send(1)
            // At the same instant on two replicas, too.
            let others = try await withThrowingTaskGroup(of: OutboundMail.self) { group in
                for index in 0..<10 { group.addTask { try await send(1, index % 2) } }
                return try await group.reduce(into: [OutboundMail]()) { $0.append($1) }
            }
            #expect(others.allSatisfy { $0 == first })
            let second = try await send(2)
            #expect(second.link != first.link)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "2")
        }
    }

    @Test("The link is offered until the mail was taken; then it is the active one and the older gives way")
    func acceptance() async throws {
        try await withPeople { (replicas, database) async throws in
            let row = outboundTexts[0]
            var links: [UUID] = []
            for number in 0..<2 {
                let filtered = try await filter(replicas[0])(
                    SpooledMessage(row.bytes(number: number)), recipients: row.recipients, settings: Self.settings)
                links.append(try #require(filtered.mails.first?.link))
            }
            func states() async throws -> String {
                try await database.psql("SELECT string_agg(state, ' ' ORDER BY sequence) FROM otalink.link")
            }
            let outbound = replicas[1].store.outboundLinks
            #expect(try await states() == "offered offered")
            for _ in 0..<2 { #expect(try await outbound.markAccepted(link: links[0], actor: "test", context: .none)) }
            #expect(try await states() == "active offered")
            #expect(try await outbound.markAccepted(link: links[1], actor: "test", context: .none))
            #expect(try await states() == "superseded active")
            #expect(try await !outbound.markAccepted(link: UUID(), actor: "test", context: .none))
            let sent = try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE event = 'mail.sent'")
            #expect(sent == "2")
        }
    }

    @Test("The archive's copy comes first and carries no token")
    func archive() async throws {
        try await withPeople { (replicas, _) async throws in
            let filtered = try await filter(replicas[0])(
                SpooledMessage(outboundTexts[0].bytes(number: 0)),
                recipients: ["archive@example.org", "anna@example.org"],
                settings: Self.settings)
            #expect(filtered.mails.map(\.recipients) == [["archive@example.org"], ["anna@example.org"]])
            let copy = String(decoding: try filtered.bytes(0), as: UTF8.self)
            #expect(copy.contains("https://desk.example.org/t") && !copy.contains("/l/"))
            #expect(filtered.mails[0].link == nil)
        }
    }

    @Test("A mail without Message-ID is known by its bytes, as the release before knew it")
    func withoutMessageID() async throws {
        try await withPeople { (replicas, database) async throws in
            let mail = Array(
                "To: anna@example.org\nSubject: [Ticket#2026112510000018]\n\n<OTOBO_OTACustomerTicketLink>\n".utf8)
            let spool = try MessageSpool(directory: "/tmp")
            for byte in mail { try spool.append([byte]) }
            for message in [SpooledMessage(mail), spool.finish()] {
                let filtered = try await filter(replicas[0])(
                    message, recipients: ["Anna@example.org"], settings: Settings())
                #expect(filtered.outcome == .linked)
            }
            let words = "encode(sha256('\\x'::bytea || '\\x00'::bytea || 'anna@example.org'::bytea || '\\x00'::bytea "
            let rest =
                "|| '2026112510000018'::bytea || '\\x0000'::bytea || '\\x\(mail.map { String(format: "%02x", $0) }.joined())'::bytea), 'hex')"
            let isAsBefore = "SELECT encode(mail_key, 'hex') = \(words)\(rest) FROM otalink.outbound_link"
            #expect(try await database.psql(isAsBefore) == "t")
        }
    }

    @Test("Tags in a text too long to be read as one become the plain address, with a warning; the rest is as ever")
    func longText() async throws {
        try await withPeople { (replicas, _) async throws in
            let tag = "<OTOBO_OTACustomerTicketLink>"
            let filler = String(repeating: "a line of otobo < text & more =\n", count: 150_000)
            for (encoding, url) in [
                ("8bit", "https://desk.example.org/t?a=1&n=2026112510000018"),
                ("quoted-printable", "https://desk.example.org/t?a=3D1&n=3D2026112510000018"),
            ] {
                let head =
                    "To: anna@example.org\nSubject: [Ticket#2026112510000018]\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
                let mail =
                    "\(head)LINK\n--b\nContent-Transfer-Encoding: \(encoding)\n\n\(tag)\(filler)\(tag) and \(tag)\n--b--\n"
                let filtered = try await filter(replicas[0])(
                    SpooledMessage(Array(mail.replacing("LINK", with: tag).utf8)), recipients: ["anna@example.org"],
                    settings: Settings())
                #expect(filtered.outcome == .linked && filtered.warnings == [.longText])
                let text = String(decoding: try filtered.bytes(0), as: UTF8.self)
                let link = try #require(text.firstMatch(of: /https:\/\/tickets.example.org\/l\/[0-9A-Za-z]{43}/)).output
                #expect(text == mail.replacing("LINK", with: link).replacing(tag, with: url))
                let alone = try await filter(replicas[0])(
                    SpooledMessage(Array(mail.utf8)), recipients: ["anna@example.org"], settings: Settings())
                #expect(alone.outcome == .plainURL && alone.warnings == [.longText])
                #expect(try String(decoding: alone.bytes(0), as: UTF8.self) == mail.replacing(tag, with: url))
            }
        }
    }

    @Test("With the desk out of reach nothing is decided, and the mail is to be tried again")
    func deskAway() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { $0.isReachable = false }
            await #expect(throws: DeskUnavailable.self) {
                _ = try await filter(replicas[0])(
                    SpooledMessage(outboundTexts[0].bytes(number: 0)), recipients: ["anna@example.org"],
                    settings: Settings())
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "0")
        }
    }
}

extension FilteredOutboundMail {
    /// One of the mails as it goes out.
    fileprivate func bytes(_ number: Int) throws -> [UInt8] {
        try EditedMessage(message, edits: mails[number].edits).bytes()
    }
}

extension PeerParts {
    /// All but those that say how the outermost text is written down.
    fileprivate var otherFields: [[String]] {
        fields.filter { !["content-type", "content-transfer-encoding"].contains($0[0].lowercased()) }
    }
}
