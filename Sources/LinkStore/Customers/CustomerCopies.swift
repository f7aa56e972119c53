import Foundation
import OneTimeLinks
import PostgresClient

/// The copies of customer users whom other backends of the desk have, and the table `customer_backend`.
public struct CustomerCopies: Sendable {
    let client: PostgresClient

    /// The backends that were copied, by name.
    public func backends() async throws -> [CopiedBackend] {
        try await client.query(CustomerCopySQL.backends).map { row in
            CopiedBackend(
                name: try row.decode("name"), age: try row.decode("age"),
                customerUsers: try row.decode("customer_users"), skipped: try row.decode("skipped"))
        }
    }

    /// Keeps one account as its backend has it at this moment. A login that another backend has is left to that one.
    public func keep(_ customer: CustomerUser) async throws {
        _ = try await client.query(CustomerCopySQL.keep, parameters: CustomerCopySQL.parameters([customer]))
    }

    /// Makes the copies of a backend the same as the list, which is complete: who is missing in it is switched off.
    ///
    /// - Parameters:
    ///   - customers: with logins that differ, all of that backend.
    ///   - skipped: how many accounts the list leaves out, for the record.
    ///   - untouched: logins of accounts that the list has and that could not be read there: their copies stay as they are.
    ///   - mayShrink: without it, an empty list is refused, and one that would switch off more than a tenth of the accounts and more
    ///     than one, since it was probably cut short.
    public func replace(
        backend: String, with customers: [CustomerUser], skipped: Int, untouched: [String] = [], mayShrink: Bool,
        actor: String
    ) async throws -> CopyReport {
        // Also the first time: until a list has come, the filter cannot tell a known sender from a new one.
        if !mayShrink, customers.isEmpty { throw CopyRefusal.empty }
        return try await client.transaction("customer_copy.replace") { transaction in
            _ = try await transaction.query(CustomerCopySQL.lock, backend)
            try await transaction.execute(script: CustomerCopySQL.incoming)
            for start in stride(from: 0, to: customers.count, by: Self.chunk) {
                let part = customers[start..<min(start + Self.chunk, customers.count)]
                _ = try await transaction.query(
                    CustomerCopySQL.collect, parameters: CustomerCopySQL.parameters(Array(part)))
            }
            let (valid, missing, taken) = try await transaction.query(
                CustomerCopySQL.compare, backend, untouched
            ).only().decode(Int.self, Int.self, Int.self)
            if !mayShrink, missing > Self.oneAccount, missing * 10 > valid {
                throw CopyRefusal.wouldShrink(switchedOff: missing, of: valid)
            }
            let merged = try await transaction.query(CustomerCopySQL.merge).only()
            let (added, changed) = try merged.decode(Int.self, Int.self)
            let switchedOff = try await transaction.query(
                CustomerCopySQL.switchOff, backend, untouched
            ).affectedRows
            let report = CopyReport(
                accounts: customers.count, added: added, changed: changed, switchedOff: switchedOff, taken: taken)
            _ = try await transaction.query(
                CustomerCopySQL.record, backend, customers.count, skipped + taken, actor, report.description)
            return report
        }
    }

    private static let chunk = 5_000
    /// Of a small backend one who leaves is more than a tenth, and no sign of a list that was cut short.
    private static let oneAccount = 1
}

/// A backend that was copied.
public struct CopiedBackend: Sendable, Hashable {
    public var name: String
    /// Seconds since it was copied last.
    public var age: Double
    /// The same in whole hours; a time typed into the database may be any.
    public var hours: Int { Int(max(-1e9, min(1e9, age / 3600))) }
    public var customerUsers: Int
    /// Accounts that were left out.
    public var skipped: Int
}

/// What copying a backend changed.
public struct CopyReport: Sendable, Hashable, CustomStringConvertible {
    public var accounts: Int
    public var added: Int
    public var changed: Int
    public var switchedOff: Int
    /// Logins that another backend or our own table has.
    public var taken: Int

    public var description: String {
        "\(accounts.counted("account")): \(added) added, \(changed) changed, \(switchedOff) switched off, \(taken) left to other backends"
    }
}

/// Why copies were left as they were.
public enum CopyRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case wouldShrink(switchedOff: Int, of: Int)
    case empty

    public var description: String {
        switch self {
        case .empty:
            "The list has no account that can be used, so nothing was changed. If it is right, say so with --allow-shrink."
        case .wouldShrink(let switchedOff, let all):
            "The list lacks \(switchedOff) of \(all.counted("account")); it was probably cut short, and nothing was changed. "
                + "If it is right, say so with --allow-shrink."
        }
    }
}

enum CustomerCopySQL {
    static let backends = Statement(
        "customer_copy.backends", repeatable: true,
        """
        SELECT name, customer_users, skipped,
               EXTRACT(epoch FROM now() - CASE WHEN isfinite(synced_at) THEN synced_at ELSE to_timestamp(0) END)
               ::double precision AS age
          FROM otalink.customer_backend
         ORDER BY name COLLATE "C"
        """)

    static let lock = Statement(
        "customer_copy.lock", "SELECT pg_advisory_xact_lock(hashtextextended('otalink copies of ' || $1, 0))")

    static let incoming = """
        CREATE TEMPORARY TABLE otalink_incoming (
            backend text, login text PRIMARY KEY, email text, customer_id text, first_name text, last_name text,
            is_valid boolean, has_password boolean
        ) ON COMMIT DROP
        """

    private static let rows = """
        unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::boolean[])
        AS row (backend, login, email, customer_id, first_name, last_name, is_valid, has_password)
        """

    static func parameters(_ customers: [CustomerUser]) -> [any PostgresEncodable] {
        [
            customers.map(\.backend), customers.map(\.login), customers.map(\.email), customers.map(\.customerID),
            customers.map(\.firstName), customers.map(\.lastName), customers.map(\.isValid),
            customers.map(\.hasPassword),
        ]
    }

    /// The password itself is the backend's secret; all that matters here is that there is one.
    private static func upsert(from source: String) -> String {
        """
        INSERT INTO otalink.customer_user AS known
               (backend, login, email, customer_id, first_name, last_name, valid_id, pw)
        SELECT backend, login, email, customer_id, first_name, last_name, CASE WHEN is_valid THEN 1 ELSE 2 END,
               CASE WHEN has_password THEN '*' ELSE '' END
          FROM \(source)
            ON CONFLICT (login) DO UPDATE
           SET email = excluded.email, customer_id = excluded.customer_id, first_name = excluded.first_name,
               last_name = excluded.last_name, valid_id = excluded.valid_id, pw = excluded.pw, change_time = now()
         WHERE known.backend = excluded.backend
           AND (known.email, known.customer_id, known.first_name, known.last_name, known.valid_id, known.pw)
               IS DISTINCT FROM
               (excluded.email, excluded.customer_id, excluded.first_name, excluded.last_name, excluded.valid_id,
                excluded.pw)
        """
    }

    static let keep = Statement("customer_copy.keep", repeatable: true, upsert(from: rows))

    static let collect = Statement("customer_copy.collect", "INSERT INTO otalink_incoming SELECT * FROM \(rows)")

    private static let isMissing = """
        backend = $1 AND valid_id = 1 AND login <> ALL ($2::text[])
        AND NOT EXISTS (SELECT FROM otalink_incoming WHERE otalink_incoming.login = customer_user.login)
        """

    static let compare = Statement(
        "customer_copy.compare",
        """
        SELECT (SELECT count(*) FROM otalink.customer_user WHERE backend = $1 AND valid_id = 1),
               (SELECT count(*)
                  FROM otalink.customer_user
                 WHERE \(isMissing)),
               (SELECT count(*)
                  FROM otalink_incoming
                  JOIN otalink.customer_user USING (login)
                 WHERE customer_user.backend <> $1)
        """)

    static let merge = Statement(
        "customer_copy.merge",
        """
        WITH merged AS (
            \(upsert(from: "otalink_incoming ORDER BY login"))
            RETURNING xmax = 0 AS is_new
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
          FROM merged
        """)

    static let switchOff = Statement(
        "customer_copy.switch_off",
        """
        UPDATE otalink.customer_user
           SET valid_id = 2, change_time = now()
         WHERE \(isMissing)
        """)

    static let record = Statement(
        "customer_copy.record",
        """
        WITH recorded AS (
            INSERT INTO otalink.customer_backend (name, customer_users, skipped)
            VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE
               SET synced_at = now(), customer_users = excluded.customer_users, skipped = excluded.skipped
            RETURNING name
        )
        INSERT INTO otalink.audit_event (event, actor, reason)
        SELECT 'customers.copied', $4, name || ': ' || $5
          FROM recorded
        """)
}
