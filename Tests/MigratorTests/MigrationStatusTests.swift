import Foundation
import Testing

@testable import Migrator

@Suite("Comparing files with the database")
struct MigrationStatusTests {
    private static func file(_ number: Int) throws -> MigrationFile {
        try MigrationFile(name: "000\(number)_m.sql", content: Data("SELECT \(number)".utf8))
    }

    private static func record(_ number: Int, edited: Bool = false) throws -> AppliedMigration {
        let checksum = edited ? "0" : try file(number).checksum
        return AppliedMigration(version: number, name: "000\(number)_m.sql", checksum: checksum)
    }

    @Test(
        "up is refused where it would be unsafe, and nowhere else",
        arguments: [
            (files: [1, 2], applied: [], edited: nil, refusal: nil),
            ([1, 2], [1], nil, nil),
            ([1, 2], [1, 2], nil, nil),
            ([1, 2], [1, 2], 1, "0001_m.sql was changed"),
            ([1, 2], [1], 1, "0001_m.sql was changed"),
            ([1, 2], [1, 2, 3], nil, nil),
            ([1, 2], [1, 3], nil, "0002_m.sql has not been applied, but number 3"),
            ([1, 2], [2], nil, "0001_m.sql has not been applied, but number 2"),
            ([1, 3], [1, 2, 3], nil, nil),
            ([1, 3], [1, 2], nil, "migrations that this program does not know (0002_m.sql)"),
        ] as [(files: [Int], applied: [Int], edited: Int?, refusal: String?)])
    func safety(files: [Int], applied: [Int], edited: Int?, refusal: String?) throws {
        let status = MigrationStatus(
            files: try files.map(Self.file), applied: try applied.map { try Self.record($0, edited: $0 == edited) })
        if let refusal {
            let error = try #require(throws: MigrationError.self) { try status.requireSafe() }
            #expect(error.description.contains(refusal), "\(error)")
        } else {
            try status.requireSafe()
        }
    }

    @Test("Missing files and newer migrations are told apart")
    func unknown() throws {
        let status = MigrationStatus(
            files: [try Self.file(1), try Self.file(3)],
            applied: [try Self.record(1), try Self.record(2), try Self.record(4)])
        #expect(
            status.entries == [
                .applied(try Self.record(1)), .missing(try Self.record(2)), .pending(try Self.file(3)),
                .newer(try Self.record(4)),
            ])
    }
}
