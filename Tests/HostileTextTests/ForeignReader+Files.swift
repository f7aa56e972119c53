import Foundation

@testable import AddOn
@testable import Customers
@testable import Notifications

extension ForeignReader {
    /// Files that another program has written.
    static let files: [ForeignReader] = [
        ForeignReader(
            "notifications in YAML",
            pieces: ["- a\n", "a: b\n", "[a, ", "{a: ", "? a\n", "!!str ", "&a b\n", "|\n a\n", "'", "\\x41"],
            frames: [
                ("", ""), ("---\n- ID: 1\n  Name: ", "\n"), ("- ", ""), ("- Message:\n    de:\n      Body: \"", "\"\n"),
            ],
            shapes: [HostileShape(unit: "- ID: 1\n  Name: a\n")]
        ) { text in
            _ = try? NotificationYAML.read(Data(text))
        },
        ForeignReader(
            "customer users in CSV", pieces: ["a,b\n", "\"a\"\"b\",c\n", "\"", "\"\n", ",", "a\tb\n", "\\t", "NULL\t"],
            frames: [("", ""), ("login,email\n", ""), ("login\temail\n", ""), ("login,email\n\"", "")]
        ) { (text: String) in
            _ = try? CustomerList(text, backend: "CRM")
        },
        ForeignReader(
            "links of the add-on in CSV",
            pieces: ["a,b,c,d,e\n", "\"a\n\"\"", "\"\n", "\"a\",", "\\N\t", "a;b\n", ",,,,\n"],
            frames: [
                ("", ""), (addOnHeader, ""), (addOnHeader + "\"", ""), (addOnHeader.replacing(",", with: "\t"), ""),
            ],
            read: readAddOnFile),
        ForeignReader(
            "links of the add-on in a dump",
            pieces: [
                "INSERT INTO ota_tokens VALUES (", "(1),", "('a','b'),", "INSERT INTO a.", "a.",
                "CREATE TABLE ota_tokens (a int, ", "a int,",
                "/*", "*/", "-- a\n", "$a$", "$abc", "COPY ota_tokens (a) FROM stdin;\n", "\\.\n", "E'", "`",
                "_binary 'a',", "#\n", "(1", "\\",
            ],
            frames: [
                ("", ""), (addOnTable, ""), (addOnTable + "INSERT INTO ota_tokens VALUES (", ""),
                (addOnTable + "INSERT INTO ota_tokens VALUES ('", ""), ("-- PostgreSQL database dump\nDO $", ""),
                ("-- PostgreSQL database dump\nCOPY ota_tokens (token) FROM stdin;\n", ""), ("INSERT INTO ", ""),
            ],
            shapes: [
                HostileShape(
                    beginning: "CREATE TABLE ota_tokens (token int,ticket_number int,user int,used int,create_time int",
                    unit: ",a int", secondUnit: "INSERT INTO ota_tokens VALUES (1);"),
                HostileShape(
                    beginning: "CREATE TABLE ota_tokens (token int,ticket_number int,user int,used int,create_time int",
                    unit: ",a int", secondUnit: ");INSERT INTO ota_tokens VALUES (1),(1),(1),(1),(1),(1),(1)"),
                HostileShape(beginning: "-- PostgreSQL database dump\nDO $", unit: "a", secondUnit: "$a"),
            ],
            read: readAddOnFile),
    ]

    private static let addOnHeader = "token,ticket_number,user,used,create_time\n"
    private static let addOnTable =
        "CREATE TABLE ota_tokens (token text, ticket_number text, user text, used int, create_time text);\n"

    /// In pieces, as from a file.
    @Sendable private static func readAddOnFile(_ text: [UInt8]) {
        var rest = text[...]
        var file = try? AddOnFile {
            defer { rest = rest.dropFirst(65_536) }
            return Array(rest.prefix(65_536))
        }
        while let records = try? file?.next(1_000), !records.isEmpty {}
    }
}
