import Foundation
import Testing

@testable import Migrator

@Suite("Reading migrations")
struct MigrationFileTests {
    @Test("A file has the number of its name and the SHA-256 of its bytes")
    func file() throws {
        let file = try MigrationFile(name: "0012_add-links_2.sql", content: Data("abc".utf8))
        #expect(file.number == 12)
        #expect(file.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(file.isTransactional)
    }

    @Test(
        "The directive counts in the comments at the beginning",
        arguments: [
            ("-- otalink: no-transaction\nSELECT 1", false),
            ("-- An index.\n\n--otalink:no-transaction\nSELECT 1", false),
            ("SELECT 1;\n-- otalink: no-transaction", true),
            ("-- nothing special\nSELECT 1", true),
        ])
    func directive(text: String, isTransactional: Bool) throws {
        #expect(try MigrationFile(name: "0001_a.sql", content: Data(text.utf8)).isTransactional == isTransactional)
    }

    @Test(
        "A bad file is refused with its name and what to do",
        arguments: [
            (["1_a.sql": ""], "1_a.sql is no name for a migration. Rename it"),
            (["0001.sql": ""], "0001.sql is no name"),
            (["0001_A.sql": ""], "0001_A.sql is no name"),
            (["0000_a.sql": ""], "0000_a.sql is no name"),
            (["0001_a.sql": "-- otalink: fast\n"], "\"otalink: fast\" is unknown"),
            (
                ["0001_a.sql": "SELECT 1;\n  COMMIT;"],
                "0001_a.sql line 2: \"COMMIT\" in a file that runs in one transaction"
            ),
            (["0001_a.sql": "", "0001_b.sql": ""], "0001_a.sql and 0001_b.sql have the same number"),
            (["0001_a.sql": "", "0003_c.sql": ""], "migration 2 is missing before 0003_c.sql"),
            (["0002_b.sql": ""], "migration 1 is missing before 0002_b.sql"),
            ([:], "holds no migrations"),
        ])
    func refused(files: [String: String], expected: String) throws {
        let folder = NSTemporaryDirectory() + "migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8) }
        let error = try #require(throws: MigrationError.self) { try MigrationDirectory.load(folder) }
        #expect(error.description.contains(expected), "\(error)")
    }

    @Test("A folder is read in the order of its numbers, and other files in it do not matter")
    func folder() throws {
        let folder = NSTemporaryDirectory() + "migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["0002_b.sql", "0001_a.sql", "README.md"] {
            try "SELECT 1".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
        }
        #expect(try MigrationDirectory.load(folder).files.map(\.number) == [1, 2])
        let error = try #require(throws: MigrationError.self) { try MigrationDirectory.load(folder + "/nowhere") }
        #expect(error.description.contains("cannot be read"))
    }
}

@Suite("Statements of a script")
struct SQLScriptTests {
    @Test(
        "Semicolons end statements, except where they are hidden",
        arguments: [
            ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
            (";; SELECT 1;;", ["SELECT 1"]),
            ("SELECT ';', 'it''s;' ; SELECT \"a;b\"", ["SELECT ';', 'it''s;' ", "SELECT \"a;b\""]),
            ("SELECT E'\\';' ; SELECT 2", ["SELECT E'\\';' ", "SELECT 2"]),
            ("SELECT '\\'; SELECT 2", ["SELECT '\\'", "SELECT 2"]),
            ("-- a; b\nSELECT 1 -- ; c\n; SELECT 2", ["SELECT 1 -- ; c\n", "SELECT 2"]),
            ("/* a; /* b; */ c; */ SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
            ("DO $$ BEGIN; END; $$; SELECT 2", ["DO $$ BEGIN; END; $$", "SELECT 2"]),
            ("SELECT $a$ ; $$ ; $a$; SELECT $1; SELECT a$b", ["SELECT $a$ ; $$ ; $a$", "SELECT $1", "SELECT a$b"]),
            (
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
                ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"]
            ),
            (
                "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2",
                [
                    "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
                    "SELECT 2",
                ]
            ),
            ("BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
            ("SELECT 'open", ["SELECT 'open"]),
            ("", []),
        ])
    func statements(text: String, expected: [String]) {
        #expect(SQLScript(text).statements.map(\.text) == expected)
    }

    @Test("Lines count from 1, and positions count characters")
    func lines() {
        let script = SQLScript("-- ä€🙂\nSELECT 1;\n\n  SELECT\n 2;")
        #expect(script.statements.map(\.line) == [2, 4])
        #expect(script.line(at: 0) == 1)
        #expect(script.line(at: 7) == 2)
        #expect(script.statement(at: 24)?.firstLine == "SELECT")
    }

    @Test(
        "Statements that begin or end a transaction are recognised",
        arguments: [
            ("BEGIN", true), ("commit work", true), ("ROLLBACK", true), ("START TRANSACTION", true), ("END", true),
            ("ROLLBACK TO s", false), ("SAVEPOINT s", false), ("SELECT 1", false), ("PREPARE TRANSACTION 'x'", true),
            ("PREPARE p AS SELECT 1", false),
        ])
    func transactionControl(text: String, expected: Bool) throws {
        #expect(try #require(SQLScript(text).statements.first).isTransactionControl == expected)
    }
}
