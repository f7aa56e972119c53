import Foundation
import OneTimeLinks
import PostgresClient

/// The table `api_key`.
public struct APIKeys: Sendable {
    let client: PostgresClient

    /// Keeps a new key by its hash.
    ///
    /// - Parameter networks: where it counts, in CIDR notation; empty: anywhere.
    /// - Returns: false when a key of that name exists.
    public func create(
        name: String, hash: [UInt8], scopes: Set<APIScope>, networks: [String] = [], actor: String? = nil
    ) async throws -> Bool {
        let texts = scopes.map(\.rawValue).sorted()
        return try await client.query(APIKeySQL.create, UUID.version7(), name, Data(hash), texts, actor, networks)
            .affectedRows > 0
    }

    /// The key of that hash, unless it was taken back. Writes when it was used, to the minute.
    public func find(hash: [UInt8]) async throws -> StoredAPIKey? {
        try await client.query(APIKeySQL.find, Data(hash)).first.map(Self.decode)
    }

    /// All keys, by name.
    public func listed() async throws -> ReadableRows<StoredAPIKey> {
        try ReadableRows(try await client.query(APIKeySQL.list), name: { try $0.decode("name") }, Self.decode)
    }

    /// Takes a key back; the next call with it is refused.
    ///
    /// - Returns: false when no valid key has that name.
    public func revoke(name: String, actor: String? = nil) async throws -> Bool {
        try await client.query(APIKeySQL.revoke, name, actor).affectedRows > 0
    }

    private static func decode(_ row: PostgresRow) throws -> StoredAPIKey {
        StoredAPIKey(
            name: try row.decode("name"),
            scopes: Set(try row.decode("scopes", as: [String].self).compactMap(APIScope.init(rawValue:))),
            networks: try row.decode("networks"), createdAt: try row.decode("created_at"),
            revokedAt: try row.decode("revoked_at"),
            lastUsedAt: try row.decode("last_used_at"))
    }
}

/// An API key as it is stored: the key itself nobody knows but its holder.
public struct StoredAPIKey: Sendable {
    public var name: String
    public var scopes: Set<APIScope>
    /// Where it counts, in CIDR notation; empty: anywhere.
    public var networks: [String]
    public var createdAt: Date
    public var revokedAt: Date?
    public var lastUsedAt: Date?
}

enum APIKeySQL {
    private static let columns = "name, scopes, networks, created_at, revoked_at, last_used_at"

    static let create = Statement(
        "api_key.create",
        """
        WITH created AS (
            INSERT INTO otalink.api_key (id, name, key_hash, scopes, networks)
            VALUES ($1, $2, $3, $4, $6)
            ON CONFLICT (name) DO NOTHING
            RETURNING name, scopes, networks
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'api_key.created',
               name || ': ' || array_to_string(scopes, ', ')
               || CASE WHEN networks = '{}' THEN '' ELSE ' from ' || array_to_string(networks, ', ') END,
               $5
          FROM created
        """)

    static let find = Statement(
        "api_key.find", repeatable: true,
        """
        WITH used AS (
            UPDATE otalink.api_key
               SET last_used_at = now()
             WHERE key_hash = $1
               AND revoked_at IS NULL
               AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
        )
        SELECT \(columns)
          FROM otalink.api_key
         WHERE key_hash = $1
           AND revoked_at IS NULL
        """)

    static let list = Statement(
        "api_key.list", repeatable: true, "SELECT \(columns) FROM otalink.api_key ORDER BY name")

    static let revoke = Statement(
        "api_key.revoke",
        """
        WITH revoked AS (
            UPDATE otalink.api_key
               SET revoked_at = now()
             WHERE name = $1
               AND revoked_at IS NULL
            RETURNING name
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'api_key.revoked', name, $2
          FROM revoked
        """)
}
