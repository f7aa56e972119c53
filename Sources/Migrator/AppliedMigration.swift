import Foundation
import PostgresClient

/// A row of `otalink.schema_migration`: a file that has been applied.
public struct AppliedMigration: Sendable, Equatable {
    /// The file's number.
    public let version: Int
    /// The file's name.
    public let name: String
    /// The SHA-256 of the file as it was applied.
    public let checksum: String
    /// When, by the database's clock.
    public let appliedAt: Date
    /// How long it took, in milliseconds.
    public let durationMilliseconds: Int
    /// The database role that applied it.
    public let appliedBy: String

    init(_ row: PostgresRow) throws {
        (version, name, checksum, appliedAt, durationMilliseconds, appliedBy) = try row.decode(
            Int.self, String.self, String.self, Date.self, Int.self, String.self)
    }

    init(
        version: Int, name: String, checksum: String, appliedAt: Date = .distantPast, durationMilliseconds: Int = 0,
        appliedBy: String = ""
    ) {
        self.version = version
        self.name = name
        self.checksum = checksum
        self.appliedAt = appliedAt
        self.durationMilliseconds = durationMilliseconds
        self.appliedBy = appliedBy
    }
}

/// The SQL of the runner's own table.
enum MigrationTable {
    static let exists = Statement(
        "migration.table-exists", repeatable: true,
        "SELECT to_regclass('otalink.schema_migration') IS NOT NULL")

    static let schemaExists = Statement(
        "migration.schema-exists", repeatable: true,
        "SELECT to_regnamespace('otalink') IS NOT NULL")

    static let all = Statement(
        "migration.applied", repeatable: true,
        """
        SELECT version, name, checksum, applied_at, duration_ms, applied_by
          FROM otalink.schema_migration
         ORDER BY version
        """)

    static let record = Statement(
        "migration.record",
        """
        INSERT INTO otalink.schema_migration (version, name, checksum, duration_ms)
        VALUES ($1, $2, $3, $4)
        RETURNING version, name, checksum, applied_at, duration_ms, applied_by
        """)

    static let createSchema = """
        CREATE SCHEMA otalink;
        COMMENT ON SCHEMA otalink IS 'One-time links to tickets, and what belongs to them.';
        """

    static let create = """
        CREATE TABLE otalink.schema_migration (
            version     integer PRIMARY KEY,
            name        text NOT NULL,
            checksum    text NOT NULL,
            applied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
            duration_ms integer NOT NULL,
            applied_by  text NOT NULL DEFAULT session_user
        );
        COMMENT ON TABLE otalink.schema_migration IS
            'The migrations that have been applied; written by "otalink migrate up" and by nothing else.';
        COMMENT ON COLUMN otalink.schema_migration.version IS 'Number of the file, from 1.';
        COMMENT ON COLUMN otalink.schema_migration.name IS 'Name of the file.';
        COMMENT ON COLUMN otalink.schema_migration.checksum IS
            'SHA-256 of the file as it was applied, in hexadecimal digits.';
        COMMENT ON COLUMN otalink.schema_migration.applied_at IS 'When it was applied.';
        COMMENT ON COLUMN otalink.schema_migration.duration_ms IS 'How long it took, in milliseconds.';
        COMMENT ON COLUMN otalink.schema_migration.applied_by IS 'The database role that applied it.';
        """
}
