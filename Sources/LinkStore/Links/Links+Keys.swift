import Foundation
import OneTimeLinks
import PostgresClient

extension Links {
    /// Deletes links that a secret key signs and that sign nobody in any more: used, superseded, revoked or over their lifetime. Batch by
    /// batch; sessions stay.
    ///
    /// - Parameters:
    ///   - lifetimeDays: `LinkLifetime`; 0: links do not age.
    /// - Returns: how many were deleted.
    public func retire(keyID: String, lifetimeDays: Int, actor: String) async throws -> Int {
        var total = 0
        var last = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        while true {
            let start = last
            // By the primary key: a link's place in it never changes, so no batch looks at those of another.
            let ids = try await client.transaction("link.retire") { transaction in
                let rows = try await transaction.pipeline([
                    (ExpirySQL.quiet, []), (KeySQL.retire, [keyID, lifetimeDays, start, Expiry.batch]),
                ])
                return try rows[1].map { try $0.decode(UUID.self) }
            }
            total += ids.count
            guard let end = ids.last else { break }
            last = end
        }
        if total > 0 {
            let event = AuditEvent(
                "links.retired", reason: "\(total.counted("link")) of the key \(keyID)", actor: actor)
            _ = try await client.query(AuditSQL.insert, parameters: event.parameters)
        }
        return total
    }
}

enum KeySQL {
    static let retire = Statement(
        "link.retire",
        """
        WITH batch AS MATERIALIZED (
            SELECT id
              FROM otalink.link
             WHERE id > $3
               AND key_id = $1
               AND (state NOT IN ('offered', 'active')
                    OR ($2::bigint > 0 AND created_at < now() - make_interval(days => $2::bigint::integer)))
             ORDER BY id
             LIMIT $4
               FOR UPDATE
        ),
        deleted AS (
            DELETE FROM otalink.link
             WHERE id IN (SELECT id FROM batch)
            RETURNING id
        )
        SELECT id
          FROM deleted
         ORDER BY id
        """)
}
