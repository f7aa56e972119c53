import Foundation
import PostgresClient

/// How many tokens may be made with an API key.
public struct TokenAllowance: Sendable, Hashable {
    public var apiKey: String
    /// 0: any number.
    public var perHour: Int

    public init(apiKey: String, perHour: Int) {
        self.apiKey = apiKey
        self.perHour = perHour
    }

    /// Counts a token that this transaction makes.
    ///
    /// - Throws: ``TokenAllowanceUsedUp``; then nothing of the transaction may take effect.
    func take(in transaction: PostgresTransaction) async throws {
        guard perHour > 0 else { return }
        let row = try await transaction.query(APIUseSQL.takeToken, apiKey, perHour).only()
        let (isTaken, seconds) = try row.decode(Bool.self, Double.self)
        guard isTaken else { throw TokenAllowanceUsedUp(seconds: max(1, Int(seconds.rounded(.up)))) }
    }
}

/// As many tokens as an API key may make were made with it within this hour.
public struct TokenAllowanceUsedUp: Error {
    /// Until the next hour begins.
    public var seconds: Int
}

/// The table `api_use`: the allowance of API keys, counted over all replicas.
public struct APIUse: Sendable {
    let client: PostgresClient

    /// What a replica was given of a key's allowance.
    public struct Share: Sendable, Hashable {
        /// 0: the allowance is used up.
        public var calls: Int
        /// Until the allowance begins anew.
        public var seconds: Double

        public init(calls: Int, seconds: Double) {
            self.calls = calls
            self.seconds = seconds
        }
    }

    /// Sets calls of this minute aside for the replica that asks.
    ///
    /// - Parameters:
    ///   - limit: calls within a minute, over all replicas.
    ///   - now: the moment that is counted; nil: the database's clock.
    public func take(calls: Int, of limit: Int, apiKey: String, now: Date? = nil) async throws -> Share {
        let row = try await client.query(APIUseSQL.take, apiKey, calls, limit, now).only()
        let (isTaken, seconds) = try row.decode(Bool.self, Double.self)
        return Share(calls: isTaken ? calls : 0, seconds: max(1, seconds))
    }
}

enum APIUseSQL {
    static let takeToken = Statement(
        "api_use.take_token",
        """
        WITH clock AS (SELECT now() AS now),
        taken AS (
            INSERT INTO otalink.api_token_use AS used (api_key, hour, tokens)
            SELECT $1, date_trunc('hour', clock.now), 1
              FROM clock
            ON CONFLICT (api_key) DO UPDATE
               SET hour = GREATEST(used.hour, excluded.hour),
                   tokens = CASE WHEN used.hour < excluded.hour THEN 1 ELSE used.tokens + 1 END
             WHERE used.hour < excluded.hour
                OR used.tokens < $2::integer
            RETURNING tokens
        )
        SELECT EXISTS (SELECT FROM taken),
               EXTRACT(epoch FROM date_trunc('hour', clock.now) + interval '1 hour' - clock.now)::double precision
          FROM clock
        """)

    static let take = Statement(
        "api_use.take",
        """
        WITH clock AS (SELECT COALESCE($4::timestamptz, now()) AS now),
        taken AS (
            INSERT INTO otalink.api_use AS used (api_key, minute, calls)
            SELECT $1, date_trunc('minute', clock.now), $2::integer
              FROM clock
            ON CONFLICT (api_key) DO UPDATE
               SET minute = GREATEST(used.minute, excluded.minute),
                   calls = CASE WHEN used.minute < excluded.minute THEN excluded.calls
                                ELSE used.calls + excluded.calls END
             WHERE used.minute < excluded.minute
                OR used.calls + excluded.calls <= $3::integer
            RETURNING calls
        )
        SELECT EXISTS (SELECT FROM taken),
               EXTRACT(epoch FROM date_trunc('minute', clock.now) + interval '1 minute' - clock.now)::double precision
          FROM clock
        """)
}
