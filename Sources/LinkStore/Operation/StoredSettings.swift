import OneTimeLinks
import PostgresClient

/// The table `setting`.
public struct StoredSettings: Sendable {
    let client: PostgresClient

    /// All settings as they stand.
    public func read() async throws -> Settings {
        let pairs = try await client.query(SettingSQL.all).map { try $0.decode(String.self, String.self) }
        return Settings(rows: pairs.map { ($0.0, $0.1) })
    }

    /// Sets a value that `SettingDefinition` found nothing to object to.
    public func set(_ name: String, to value: String, by actor: String) async throws {
        _ = try await client.query(SettingSQL.set, name, value, actor)
    }

    /// Goes back to the default.
    ///
    /// - Returns: false when nothing was set.
    public func reset(_ name: String, by actor: String) async throws -> Bool {
        try await client.query(SettingSQL.reset, name, actor).affectedRows > 0
    }
}

enum SettingSQL {
    static let all = Statement("setting.all", repeatable: true, "SELECT name, value FROM otalink.setting")

    static let set = Statement(
        "setting.set",
        """
        WITH changed AS (
            INSERT INTO otalink.setting (name, value, changed_by)
            VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE
               SET value = excluded.value, changed_at = now(), changed_by = excluded.changed_by
            RETURNING name, changed_by
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'setting.changed', name, changed_by
          FROM changed
        """)

    static let reset = Statement(
        "setting.reset",
        """
        WITH reset AS (
            DELETE FROM otalink.setting
             WHERE name = $1
            RETURNING name
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'setting.reset', name, $2
          FROM reset
        """)
}
