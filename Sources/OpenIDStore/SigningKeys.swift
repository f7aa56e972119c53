import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import PostgresClient

/// The table `oidc_signing_key`, as the service reads it.
public struct SigningKeys: Sendable {
    let client: PostgresClient

    /// All keys, and the database's clock.
    public func read() async throws -> (now: Date, keys: [SealedSigningKey]) {
        try SealedSigningKey.decode(try await client.query(SigningKeySQL.read))
    }

    /// Keeps a key that signs from now on, unless somebody else has added one to those that were known.
    public func addFirst(_ key: NewSigningKey, known: [String]) async throws {
        _ = try await client.atomically([
            (SigningKeySQL.lock, []),
            (SigningKeySQL.addFirst, [key.kid, key.sealed.keyID, key.sealed.bytes, known]),
        ])
    }

    /// How many keys each secret key of the ring seals.
    public func countByRingKey() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await client.query(SigningKeySQL.countByRingKey) {
            let (key, count) = try row.decode(String.self, Int.self)
            counts[key, default: 0] += count
        }
        return counts
    }
}

/// What the rotation of signing keys does in the database, over the connection that holds the job's lock.
public struct SigningKeyRotation: Sendable {
    private let connection: PostgresConnectionHandle

    /// - Parameter connection: holds the job's lock.
    public init(connection: PostgresConnectionHandle) {
        self.connection = connection
    }

    /// All keys, and the database's clock.
    public func read() async throws -> (now: Date, keys: [SealedSigningKey]) {
        try SealedSigningKey.decode(try await connection.query(SigningKeySQL.read))
    }

    /// True when there is any client to sign for.
    public func hasClients() async throws -> Bool {
        try await connection.query(SigningKeySQL.hasClients).only().decode(at: 0, as: Bool.self)
    }

    /// Publishes a key, from now on, that signs from a time on.
    public func add(_ key: NewSigningKey, firstUse: Date) async throws {
        _ = try await connection.query(SigningKeySQL.add, key.kid, key.sealed.keyID, key.sealed.bytes, firstUse)
    }

    /// Keeps a key under another secret key of the ring.
    public func reseal(_ key: NewSigningKey) async throws {
        _ = try await connection.query(SigningKeySQL.reseal, key.kid, key.sealed.keyID, key.sealed.bytes)
    }

    /// Deletes keys.
    public func delete(kids: [String]) async throws {
        guard !kids.isEmpty else { return }
        _ = try await connection.query(SigningKeySQL.delete, kids)
    }

    /// Deletes codes whose session is gone: neither they nor their tokens are good for anything.
    ///
    /// - Returns: how many.
    public func deleteOrphanedCodes() async throws -> Int {
        try await connection.query(SigningKeySQL.deleteOrphanedCodes).affectedRows
    }
}

/// A signing key that is about to be stored.
public struct NewSigningKey: Sendable {
    public let kid: String
    public let sealed: SealedSecret

    public init(kid: String, sealed: SealedSecret) {
        self.kid = kid
        self.sealed = sealed
    }
}

/// A signing key as it is stored.
public struct SealedSigningKey: Sendable {
    public let timing: KeySchedule.StoredKey
    public let sealed: SealedSecret

    fileprivate static func decode(_ rows: PostgresRows) throws -> (now: Date, keys: [SealedSigningKey]) {
        guard let first = rows.first else { throw StoredValueError(column: "oidc_signing_key.kid") }
        let keys = try rows.compactMap { row -> SealedSigningKey? in
            guard let kid = try row.decode("kid", as: String?.self) else { return nil }
            return SealedSigningKey(
                timing: KeySchedule.StoredKey(
                    kid: kid, publishedAt: try row.decode("published_at"), firstUse: try row.decode("first_use_at"),
                    retiredAt: try row.decode("retired_at")),
                sealed: SealedSecret(keyID: try row.decode("ring_key_id"), bytes: try row.decode("sealed_key")))
        }
        return (try first.decode("now"), keys)
    }
}

enum SigningKeySQL {
    /// A time typed into the database may be none; a key without its times counts as if it were not there.
    private static let isDated = """
        isfinite(published_at) AND isfinite(first_use_at) AND COALESCE(isfinite(retired_at), true)
        """

    /// One row without a key when there is none.
    static let read = Statement(
        "oidc_signing_key.read", repeatable: true,
        """
        SELECT clock.now, kid, ring_key_id, sealed_key, published_at, first_use_at, retired_at
          FROM (SELECT clock_timestamp() AS now) AS clock
          LEFT JOIN otalink.oidc_signing_key ON \(isDated)
         ORDER BY first_use_at, kid
        """)

    static let countByRingKey = Statement(
        "oidc_signing_key.count_by_ring_key", repeatable: true,
        "SELECT ring_key_id, count(*) FROM otalink.oidc_signing_key GROUP BY ring_key_id")

    static let hasClients = Statement(
        "oidc_signing_key.has_clients", repeatable: true, "SELECT EXISTS (SELECT FROM otalink.oidc_client)")

    /// One writer of a first key at a time, until the end of the transaction.
    static let lock = Statement(
        "oidc_signing_key.lock", "SELECT pg_advisory_xact_lock(hashtextextended('otalink signing key', 0))")

    static let addFirst = Statement(
        "oidc_signing_key.add_first",
        """
        INSERT INTO otalink.oidc_signing_key (kid, ring_key_id, sealed_key, published_at, first_use_at)
        SELECT $1, $2, $3, clock_timestamp(), clock_timestamp()
         WHERE NOT EXISTS (SELECT FROM otalink.oidc_signing_key WHERE kid <> ALL ($4::text[]) AND \(isDated))
        """)

    static let add = Statement(
        "oidc_signing_key.add",
        """
        INSERT INTO otalink.oidc_signing_key (kid, ring_key_id, sealed_key, published_at, first_use_at)
        VALUES ($1, $2, $3, clock_timestamp(), $4)
        """)

    static let reseal = Statement(
        "oidc_signing_key.reseal",
        "UPDATE otalink.oidc_signing_key SET ring_key_id = $2, sealed_key = $3 WHERE kid = $1")

    static let delete = Statement(
        "oidc_signing_key.delete", "DELETE FROM otalink.oidc_signing_key WHERE kid = ANY ($1::text[])")

    static let deleteOrphanedCodes = Statement(
        "oidc_code.delete_orphaned",
        """
        DELETE FROM otalink.oidc_code
         WHERE issued_at < now() - interval '1 day'
           AND NOT EXISTS (SELECT FROM otalink.session WHERE session.id = oidc_code.session_id)
        """)
}
