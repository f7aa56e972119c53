import Foundation
import OneTimeLinks
import PostgresClient

/// The table `mail_verdict`: what the filter thought of the mails of the last seven days.
public struct MailVerdicts: Sendable {
    /// The desk repeats an event for three days.
    public static let days = 7

    let client: PostgresClient

    /// Remembers a verdict under each of the keys. Safe to repeat; a better verdict never takes the place of a worse one.
    public func record(_ verdict: MailVerdict, reason: String, keys: [MailKey]) async throws {
        guard !keys.isEmpty else { return }
        _ = try await client.query(MailVerdictSQL.insert, keys.map { Data($0.bytes) }, verdict.rawValue, reason)
    }

    /// The verdicts that are remembered under any of the keys.
    public func find(_ keys: [MailKey]) async throws -> [RememberedVerdict] {
        guard !keys.isEmpty else { return [] }
        let rows = try await client.query(MailVerdictSQL.find, keys.map { Data($0.bytes) })
        return try rows.compactMap { row in
            let (bytes, word, reason) = try row.decode([UInt8].self, String.self, String.self)
            guard let key = MailKey(bytes: bytes) else { return nil }
            // A word that a later program wrote is at least no good one.
            return RememberedVerdict(key: key, verdict: MailVerdict(rawValue: word) ?? .robot, reason: reason)
        }
    }

    /// Of the last mails by people, those whose sender was authenticated as the settings ask for, and those whose sender was not.
    public func authenticated(ofLast limit: Int) async throws -> (passed: Int, refused: Int) {
        try await client.query(MailVerdictSQL.authenticated, limit).only().decode(Int.self, Int.self)
    }

    /// Deletes what is too old to count.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    /// - Returns: how many.
    public static func deleteOld(on connection: PostgresConnectionHandle) async throws -> Int {
        try await connection.deletingAll(MailVerdictSQL.deleteOld)
    }
}

/// What the filter thought of a mail.
public struct RememberedVerdict: Hashable, Sendable {
    public var key: MailKey
    public var verdict: MailVerdict
    /// A word for the log.
    public var reason: String
}

enum MailVerdictSQL {
    private static let limit = "now() - interval '\(MailVerdicts.days) days'"

    static let insert = Statement(
        "mail_verdict.insert",
        """
        INSERT INTO otalink.mail_verdict (mail_key, verdict, reason)
        SELECT DISTINCT key, $2::text, $3::text
          FROM unnest($1::bytea[]) AS asked (key)
        ON CONFLICT DO NOTHING
        """)

    static let find = Statement(
        "mail_verdict.find", repeatable: true,
        """
        SELECT mail_key, verdict, reason
          FROM otalink.mail_verdict
         WHERE mail_key = ANY ($1::bytea[])
           AND at > \(limit)
        """)

    static let authenticated = Statement(
        "mail_verdict.authenticated", repeatable: true,
        """
        SELECT count(*) FILTER (WHERE verdict <> 'unauthenticated'),
               count(*) FILTER (WHERE verdict = 'unauthenticated')
          FROM (SELECT verdict
                  FROM otalink.mail_verdict
                 WHERE verdict IN ('person', 'quiet', 'unauthenticated')
                 ORDER BY at DESC
                 LIMIT $1) AS latest
        """)

    static let deleteOld = Statement(
        "mail_verdict.delete_old",
        """
        DELETE FROM otalink.mail_verdict
         WHERE ctid = ANY (ARRAY(
               SELECT ctid
                 FROM otalink.mail_verdict
                WHERE at <= \(limit)
                LIMIT $1))
        """)
}
