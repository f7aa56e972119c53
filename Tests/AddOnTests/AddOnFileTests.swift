import Foundation
import Testing

@testable import AddOn

@Suite("Reading the add-on's table from files")
struct AddOnFileTests {
    private static let texts: [(name: String, text: String)] = [
        ("csv", Example.csv), ("csv of Windows", Example.csv.replacing("\n", with: "\r\n")),
        ("with a byte order mark", "\u{FEFF}" + Example.csv), ("semicolons", Example.semicolons),
        ("mysql --batch", Example.tabs), ("mysqldump", Example.mysqldump), ("mariadb-dump", Example.mariadb),
        ("pg_dump", Example.pgCopy), ("pg_dump --inserts", Example.pgInserts),
    ]

    @Test("Every form gives the same rows, however it comes in pieces", arguments: texts.map(\.name), [1, 7, 65_536])
    func forms(name: String, size: Int) throws {
        let text = try #require(Self.texts.first { $0.name == name }).text
        var file = try AddOnFile(more: Example.pieces(text, of: size))
        let records = try file.next(2) + file.next(2)
        #expect(try file.next(2).isEmpty)
        #expect(records.map(\.token) == Example.tokens)
        #expect(records.map(\.ticketNumber) == ["2026112510000018", "2026112510000018", "2026112510000026"])
        #expect(records.map(\.login) == ["anna@example.org", "anna@example.org", #"o'neil\" , jr"#])
        #expect(records.map(\.used) == ["1", "1", "2"])
        #expect(records.map(\.createdAt) == ["20", "21", "22"].map { "2026-11-\($0) 10:00:00" })
        #expect(records[1].changedAt == "2026-11-21 11:00:00")
        #expect(records.map(\.place.row) == [1, 2, 3])
    }

    @Test("A row names the line that it stands on")
    func lines() throws {
        for (text, wanted) in [
            (Example.csv, [2, 3, 4]), (Example.pgCopy, [22, 23, 24]), (Example.mysqldump, [33, 33, 34]),
        ] {
            var file = try AddOnFile(more: Example.pieces(text, of: 100))
            #expect(try file.next(10).map(\.place.line) == wanted)
        }
    }

    @Test("A statement of many megabytes is read in portions, with little of it held")
    func extendedInsert() throws {
        let tuple = "('AAAAAAAAAAAAAAAAAAAAAAA1','2026112510000018','anna@example.org',0,'2026-11-20 10:00:00')"
        var left = 20_000
        var isBegun = false
        var file = try AddOnFile {
            if !isBegun {
                isBegun = true
                return Array(
                    "INSERT INTO ota_tokens (token, ticket_number, user, used, create_time) VALUES \(tuple)".utf8)
            }
            left -= 1
            return left > 0 ? Array(",\(tuple)".utf8) : left == 0 ? Array(";".utf8) : []
        }
        #expect(try file.next(1_000).count == 1_000)
        #expect(left > 18_000)
        var count = 1_000
        while case let records = try file.next(1_000), !records.isEmpty { count += records.count }
        #expect(count == 20_000)
    }

    @Test("Rows with other numbers of fields than the table has columns are incomplete, not shifted")
    func fieldCount() throws {
        let text = "token,ticket_number,user,used,create_time\na,b,c,0\na,b,c,0,d,e\n"
        var file = try AddOnFile(more: Example.pieces(text, of: 100))
        #expect(try file.next(10).allSatisfy { $0.token == nil && $0.createdAt == nil })
    }

    @Test("Columns that no release has used are named by the operator")
    func columns() throws {
        let text = "secret,tn,user,used,create_time\na,b,c,0,d\n"
        let columns = AddOnColumns(named: [.token: "secret", .ticketNumber: "TN"])
        var file = try AddOnFile(columns: columns, more: Example.pieces(text, of: 100))
        #expect(try file.next(10).map(\.ticketNumber) == ["b"])
    }

    @Test(
        "What is no such table is refused with its line",
        arguments: [
            ("", .noTable("ota_tokens")), ("Hello, world\n", .noTable("ota_tokens")),
            ("INSERT INTO other VALUES (1);", .noTable("ota_tokens")),
            ("token,user\na,b\n", .noColumn("ticket_number", "ticket_number")),
            ("-- x\nINSERT INTO ota_tokens VALUES (1);", .columnsUnknown(line: 2)),
            (
                "INSERT INTO ota_tokens (token, ticket_number, user, used, create_time) VALUES\n('a','b",
                .cutShort(line: 2)
            ),
            (
                "INSERT INTO ota_tokens (token, ticket_number, user, used, create_time) VALUES\n('a' 'b')",
                .notSQL(line: 2)
            ),
            (
                "INSERT INTO ota_tokens (token, ticket_number, user, used, create_time) VALUES\n('a','b','c',0,'d')",
                .cutShort(line: 2)
            ),
            (
                "COPY ota_tokens (token, ticket_number, \"user\", used, create_time) FROM stdin;\na\tb\tc\t0\td\n",
                .cutShort(line: 3)
            ),
            ("token,ticket_number,user,used,create_time\n\"a,b,c,0,d\n", .notCSV(line: 2)),
        ] as [(String, AddOnInputError)])
    func refused(text: String, error: AddOnInputError) {
        #expect(throws: error) {
            var file = try AddOnFile(more: Example.pieces(text, of: 100))
            while try !file.next(10).isEmpty {}
        }
    }
}
