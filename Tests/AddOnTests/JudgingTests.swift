import Foundation
import OneTimeLinks
import Testing
import TicketSystem

@testable import AddOn

@Suite("What a row of the add-on stands for")
struct JudgingTests {
    private let berlin = DeskTimeFormat(timeZone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)

    private static let good = AddOnRecord(
        place: .init(line: 2, row: 1), token: "AbCdEfGhIjKlMnOpQrStUv12", ticketNumber: "2026112510000018",
        login: "anna@example.org", used: "2", changedAt: "2026-11-21 11:00:00", createdAt: "2026-11-20 10:00:00")

    @Test("Times are read in the desk's zone, and fractions do not matter")
    func times() throws {
        var record = Self.good
        record.createdAt = "2026-11-20T10:00:00.123"
        let link = try #require(try record.link(times: berlin))
        #expect(link.createdAt == Date(timeIntervalSince1970: 1_795_165_200))
        #expect(link.usedAt == nil && link.row == 1)
    }

    @Test("2 is the active token, 1 was spent or replaced at the time of the last change, 0 is expired")
    func used() throws {
        var record = Self.good
        #expect(try #require(try record.link(times: berlin)).usedAt == nil)
        record.used = "0"
        #expect(try record.link(times: berlin) == nil)
        record.used = "1"
        #expect(
            try #require(try record.link(times: berlin)).usedAt == Date(timeIntervalSince1970: 1_795_255_200))
        record.changedAt = "0000-00-00 00:00:00"
        let link = try #require(try record.link(times: berlin))
        #expect(link.usedAt == link.createdAt)
    }

    @Test(
        "What is wrong has a reason",
        arguments: [
            (\.token, nil, .incomplete), (\.createdAt, nil, .incomplete), (\.used, nil, .incomplete),
            (\.token, "AbCdEfGhIjKlMnOpQrStUv1", .notAToken), (\.token, "AbCdEfGhIjKlMnOpQrStUv123", .notAToken),
            (\.token, "AbCdEfGhIjKlMnOpQrStUv1-", .notAToken), (\.token, "ÄbCdEfGhIjKlMnOpQrStUv1", .notAToken),
            (\.ticketNumber, "", .notATicketNumber), (\.ticketNumber, "20 26", .notATicketNumber),
            (\.login, "", .notALogin), (\.login, String(repeating: "a", count: 201), .notALogin),
            (\.login, "a\0", .notALogin), (\.used, "", .notAState), (\.used, "yes", .notAState),
            (\.used, "3", .notAState),
            (\.used, "-1", .notAState), (\.used, "t", .notAState), (\.used, "2.0", .notAState),
            (\.createdAt, "0000-00-00 00:00:00", .notATime), (\.createdAt, "2026-11-20", .notATime),
            (\.createdAt, "", .notATime),
        ] as [(any WritableKeyPath<AddOnRecord, String?> & Sendable, String?, AddOnRefusal)])
    func refused(field: any WritableKeyPath<AddOnRecord, String?> & Sendable, value: String?, reason: AddOnRefusal) {
        var record = Self.good
        record[keyPath: field] = value
        #expect(throws: reason) { try record.link(times: berlin) }
    }

    @Test("Links stand in the order of creation, then of the rows, and all before ours")
    func sequence() throws {
        func link(_ created: String, row: Int) throws -> AddOnLink {
            var record = Self.good
            record.createdAt = created
            record.place.row = row
            return try #require(try record.link(times: berlin))
        }
        let sequences = [
            try link("1970-01-02 00:00:00", row: 9), try link("2026-11-20 10:00:00", row: 3),
            try link("2026-11-20 10:00:00", row: 4), try link("2026-11-20 10:00:01", row: 1),
            try link("9999-12-31 23:59:59", row: 16_777_215),
        ].map(\.sequence)
        #expect(sequences == sequences.sorted() && Set(sequences).count == 5)
        #expect(sequences.allSatisfy { $0 < 0 })
    }
}
