import Foundation
import OneTimeLinks
import PostgresClient

/// Links of the old add-on: rows of `link` like all others, and the table `add_on_token`.
public struct AddOnLinks: Sendable {
    /// How many links one transaction imports; a lock of the database is held for each person and ticket among them.
    public static let batch = 1_000

    let client: PostgresClient

    /// The link of a token; nil if there is none (any more), or if it is of another ticket.
    public func find(_ token: AddOnToken, ticketNumber: TicketNumber) async throws -> UUID? {
        try await client.query(AddOnSQL.find, token.hash, ticketNumber.text).first?.decode(at: 0, as: UUID.self)
    }

    /// True while there is any imported link.
    public func exist() async throws -> Bool {
        try await client.query(AddOnSQL.exist).only().decode(at: 0, as: Bool.self)
    }

    /// What an import of these links would come to; changes nothing.
    public func look(at links: [AddOnLink]) async throws -> [AddOnImportOutcome] {
        let rows = try await client.query(AddOnSQL.look, parameters: AddOnSQL.lookParameters(links))
        return try Self.outcomes(rows)
    }

    /// Imports links, in one transaction, whose tokens differ. What is there already stays as it is.
    ///
    /// Of the links that were active at the desk, the newest of a person for a ticket becomes active, unless there is a link of ours, which is
    /// newer in any case; the others are superseded. The add-on keeps one active token for a ticket, so there is one at most, as a rule.
    ///
    /// - Parameter asSuperseded: none becomes active; a click on any of them mails a fresh link.
    /// - Returns: an outcome a link, in the same order.
    public func add(
        _ links: [AddOnLink], asSuperseded: Bool, actor: String
    ) async throws -> [AddOnImportOutcome] {
        guard !links.isEmpty else { return [] }
        let ids = links.map { UUID.version7(at: $0.createdAt) }
        let pairs: [any PostgresEncodable] = [links.map(\.ticketNumber.text), links.map(\.customerLogin)]
        return try await client.transaction("add_on.import") { transaction in
            // Whoever makes a link for one of these persons and tickets waits, or was before us and is seen.
            _ = try await transaction.query(AddOnSQL.lockPairs, parameters: pairs)
            var steps: [(Statement, [any PostgresEncodable])] = [
                (AddOnSQL.look, AddOnSQL.lookParameters(links)),
                (AddOnSQL.insert, AddOnSQL.insertParameters(links, ids: ids)),
                (AddOnSQL.supersede, [ids]),
            ]
            if !asSuperseded { steps.append((AddOnSQL.activate, [ids])) }
            steps.append((AddOnSQL.audit, [ids, actor]))
            return try Self.outcomes(try await transaction.pipeline(steps)[0])
        }
    }

    private static func outcomes(_ rows: PostgresRows) throws -> [AddOnImportOutcome] {
        try rows.map { row in
            let (isThere, isKnown, hasNewer) = try row.decode(Bool.self, Bool.self, Bool.self)
            return isThere ? .alreadyThere : isKnown ? .imported(hasNewer: hasNewer) : .customerUnknown
        }
    }
}

/// What became of a link of the add-on.
public enum AddOnImportOutcome: Sendable, Hashable {
    /// - Parameter hasNewer: before this call, the person had a newer link for the ticket that keeps this one from being active.
    case imported(hasNewer: Bool)
    /// An earlier run has imported it; whatever became of it since stays.
    case alreadyThere
    /// We have no such customer user, or no address: links go to stored addresses only.
    case customerUnknown
}

enum AddOnSQL {
    static let find = Statement(
        "add_on.find", repeatable: true,
        """
        SELECT link.id
          FROM otalink.add_on_token
          JOIN otalink.link ON link.id = add_on_token.link_id
         WHERE add_on_token.token_hash = $1
           AND link.ticket_number = $2
        """)

    static let exist = Statement(
        "add_on.exist", repeatable: true, "SELECT EXISTS (SELECT FROM otalink.add_on_token)")

    static let look = Statement(
        "add_on.look", repeatable: true,
        """
        SELECT EXISTS (SELECT FROM otalink.add_on_token AS known WHERE known.token_hash = asked.token_hash),
               EXISTS (SELECT
                         FROM otalink.customer_user
                        WHERE customer_user.login = asked.customer_login AND customer_user.email <> ''),
               EXISTS (SELECT
                         FROM otalink.link AS newer
                        WHERE newer.ticket_number = asked.ticket_number
                          AND newer.customer_login = asked.customer_login
                          AND newer.sequence > asked.sequence
                          AND \(takesPlace))
          FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY
               AS asked (token_hash, customer_login, ticket_number, sequence, position)
         ORDER BY asked.position
        """)

    /// Whether a newer link keeps an older imported one from being active: one of ours, one that is active, or one that was spent here. One
    /// that was spent at the desk does not; rows of one second come in any order.
    private static let takesPlace = """
        (newer.origin <> '\(LinkOrigin.addOn.rawValue)' OR newer.state IN ('active', 'offered')
         OR newer.used_by_browser IS NOT NULL)
        """

    /// In the order of the keys, so that two imports cannot wait for each other.
    static let lockPairs = Statement(
        "add_on.lock_pairs",
        """
        SELECT count(pg_advisory_xact_lock(pair.key))
          FROM (SELECT DISTINCT hashtextextended('otalink ' || ticket_number || ' ' || customer_login, 0) AS key
                  FROM unnest($1::text[], $2::text[]) AS asked (ticket_number, customer_login)
                 ORDER BY key) AS pair
        """)

    static let insert = Statement(
        "add_on.insert",
        """
        WITH asked AS (
            SELECT *
              FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[],
                          $7::timestamptz[])
                   AS asked (id, token_hash, sequence, ticket_number, customer_login, created_at, used_at)
        ),
        made AS (
            INSERT INTO otalink.link
                   (id, sequence, ticket_number, customer_login, recipient, key_id, state, origin, created_at,
                    activated_at, used_at, ended_at)
            OVERRIDING SYSTEM VALUE
            SELECT asked.id, asked.sequence, asked.ticket_number, asked.customer_login, customer_user.email,
                   '\(AddOnToken.keyID)', CASE WHEN asked.used_at IS NULL THEN 'superseded' ELSE 'used' END,
                   '\(LinkOrigin.addOn.rawValue)', asked.created_at,
                   CASE WHEN asked.used_at IS NOT NULL THEN asked.created_at END, asked.used_at,
                   CASE WHEN asked.used_at IS NULL THEN now() END
              FROM asked
              JOIN otalink.customer_user
                ON customer_user.login = asked.customer_login AND customer_user.email <> ''
             WHERE NOT EXISTS (
                   SELECT FROM otalink.add_on_token AS known WHERE known.token_hash = asked.token_hash)
            RETURNING id
        )
        INSERT INTO otalink.add_on_token (token_hash, link_id)
        SELECT asked.token_hash, made.id
          FROM made
          JOIN asked USING (id)
        """)

    /// Of the persons and tickets that got links just now: an imported link that is not the newest imported one gives way. A link that was
    /// spent at the desk takes no place, and links of ours are not touched.
    static let supersede = Statement(
        "add_on.supersede",
        """
        WITH locked AS MATERIALIZED (
            SELECT older.id
              FROM otalink.link AS older
             WHERE older.state = 'active'
               AND older.origin = '\(LinkOrigin.addOn.rawValue)'
               AND EXISTS (
                   SELECT
                     FROM otalink.link AS newer
                    WHERE newer.id = ANY ($1::uuid[])
                      AND newer.state = 'superseded'
                      AND newer.ticket_number = older.ticket_number
                      AND newer.customer_login = older.customer_login
                      AND newer.sequence > older.sequence)
             ORDER BY older.id
               FOR UPDATE
        )
        UPDATE otalink.link
           SET state = 'superseded', ended_at = now()
         WHERE id IN (SELECT id FROM locked)
        """)

    /// Those that were active at the desk, where no newer one takes their place.
    static let activate = Statement(
        "add_on.activate",
        """
        UPDATE otalink.link
           SET state = 'active', activated_at = created_at, ended_at = NULL
         WHERE id = ANY ($1::uuid[])
           AND state = 'superseded'
           AND NOT EXISTS (
               SELECT
                 FROM otalink.link AS newer
                WHERE newer.ticket_number = link.ticket_number
                  AND newer.customer_login = link.customer_login
                  AND newer.sequence > link.sequence
                  AND (\(takesPlace) OR newer.id = ANY ($1::uuid[]) AND newer.state = 'superseded'))
        """)

    /// One line a batch: half a million lines would bury what customers did.
    static let audit = Statement(
        "add_on.audit",
        """
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'links.imported', count(*) || ' of the add-on', $2
          FROM otalink.link
         WHERE id = ANY ($1::uuid[])
        HAVING count(*) > 0
        """)

    static func lookParameters(_ links: [AddOnLink]) -> [any PostgresEncodable] {
        [
            links.map { Data($0.token.hash) }, links.map(\.customerLogin), links.map(\.ticketNumber.text),
            links.map(\.sequence),
        ]
    }

    static func insertParameters(_ links: [AddOnLink], ids: [UUID]) -> [any PostgresEncodable] {
        [
            ids, links.map { Data($0.token.hash) }, links.map(\.sequence), links.map(\.ticketNumber.text),
            links.map(\.customerLogin), links.map(\.createdAt), links.map(\.usedAt),
        ]
    }
}
