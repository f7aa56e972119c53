import Foundation
import LinkStore
import OpenIDProvider
import PostgresClient

/// The table `oidc_code`: a code, and after its exchange the access token that it gave.
public struct AuthorizationCodes: Sendable {
    /// Codes that one session gets for one client within half a minute. Who comes back faster is being sent round in a circle.
    public static let mostWithinHalfAMinute = 10

    let client: PostgresClient

    /// Keeps a new code, if its session still stands.
    public func add(_ code: NewCode, context: RequestContextFacts) async throws -> CodeAddition {
        let row = try await client.query(
            AuthorizationCodeSQL.add, code.id, code.clientID, code.sessionID, code.redirectURI, code.nonce,
            code.codeChallenge, code.scopes.sorted(), Self.mostWithinHalfAMinute, context.clientAddress,
            context.userAgent, context.requestID
        ).only()
        if try row.decode("is_added", as: Bool.self) { return .added }
        return try row.decode("is_too_often", as: Bool.self) ? .tooOften : .sessionEnded
    }

    /// What is known of a code, and the database's clock; nil when there is no such row (any more).
    public func find(id: UUID) async throws -> KnownCode? {
        try await client.query(AuthorizationCodeSQL.find, id).first.map(Self.decode)
    }

    /// Spends a code.
    ///
    /// - Parameters:
    ///   - exchange: made beforehand, so that an attempt whose connection was lost can tell whether it was the one.
    ///   - lifetime: of a code, in seconds.
    /// - Returns: when; nil if somebody else has spent it, its time is over, or its session has ended.
    public func spend(id: UUID, exchange: UUID, lifetime: Int) async throws -> Date? {
        try await client.query(AuthorizationCodeSQL.spend, id, exchange, TimeInterval(lifetime)).first?.decode(
            at: 0, as: Date.self)
    }

    /// Takes back a code and the token that it gave, because it was shown a second time.
    public func revoke(id: UUID, reason: String, context: RequestContextFacts) async throws {
        _ = try await client.query(
            AuthorizationCodeSQL.revoke, id, reason, context.clientAddress, context.userAgent, context.requestID)
    }

    private static func decode(_ row: PostgresRow) throws -> KnownCode {
        KnownCode(
            now: try row.decode("now"), id: try row.decode("id"), sessionID: try row.decode("session_id"),
            stored: StoredCode(
                clientID: try row.decode("client_id"), redirectURI: try row.decode("redirect_uri"),
                codeChallenge: try row.decode("code_challenge"), issuedAt: try row.decode("issued_at"),
                isUsed: try row.decode("used_at", as: Date?.self) != nil),
            nonce: try row.decode("nonce"), scopes: Set(try row.decode("scopes", as: [String].self)),
            usedAt: try row.decode("used_at"), exchangeID: try row.decode("exchange_id"),
            isRevoked: try row.decode("revoked_at", as: Date?.self) != nil)
    }
}

/// A code that is about to be given out.
public struct NewCode: Sendable, Hashable {
    public let id: UUID
    public let clientID: String
    public let sessionID: UUID
    public let redirectURI: String
    public let nonce: String?
    public let codeChallenge: String?
    public let scopes: Set<String>

    /// For a request that was found good.
    public init(id: UUID, for request: AuthorizationRequest, sessionID: UUID) {
        self.id = id
        self.sessionID = sessionID
        clientID = request.clientID
        redirectURI = request.redirectURI
        nonce = request.nonce
        codeChallenge = request.codeChallenge
        // Others mean nothing here (OpenID Connect Core, 3.1.2.1).
        scopes = request.scopes.filter { Scope(rawValue: $0) != nil }
    }
}

/// What came of keeping a code.
public enum CodeAddition: Sendable, Hashable {
    case added
    /// The session got too many lately.
    case tooOften
    case sessionEnded
}

/// A code as it is stored.
public struct KnownCode: Sendable, Hashable {
    /// The database's clock.
    public let now: Date
    public let id: UUID
    public let sessionID: UUID
    public let stored: StoredCode
    public let nonce: String?
    public let scopes: Set<String>
    public let usedAt: Date?
    public let exchangeID: UUID?
    public let isRevoked: Bool
}

enum AuthorizationCodeSQL {
    static let add = Statement(
        "oidc_code.add",
        """
        WITH recent AS (
            SELECT count(*) >= $8 AS is_too_often
              FROM otalink.oidc_code
             WHERE session_id = $3
               AND client_id = $2
               AND issued_at > clock_timestamp() - interval '30 seconds'
        ),
        added AS (
            INSERT INTO otalink.oidc_code
                   (id, client_id, session_id, redirect_uri, nonce, code_challenge, scopes, issued_at)
            SELECT $1, $2, session.id, $4, $5, $6, $7, clock_timestamp()
              FROM otalink.session, recent
             WHERE session.id = otalink.living_session($3)
               AND NOT recent.is_too_often
            RETURNING session_id
        ),
        audited AS (
            INSERT INTO otalink.audit_event
                   (event, session_id, link_id, ticket_number, customer_login, reason, client_address, user_agent,
                    request_id)
            SELECT 'openid.signed_in', session.id, session.link_id, session.ticket_number, session.customer_login,
                   'client ' || $2, $9, $10, $11
              FROM added
              JOIN otalink.session ON session.id = added.session_id
        )
        SELECT EXISTS (SELECT FROM added) AS is_added, is_too_often
          FROM recent
        """)

    static let find = Statement(
        "oidc_code.find", repeatable: true,
        """
        SELECT clock_timestamp() AS now, id, client_id, session_id, redirect_uri, nonce, code_challenge, scopes,
               issued_at, used_at, exchange_id, revoked_at
          FROM otalink.oidc_code
         WHERE id = $1
        """)

    /// Of several at once the first locks the row; the others wait for it and then find it used.
    static let spend = Statement(
        "oidc_code.spend",
        """
        UPDATE otalink.oidc_code
           SET used_at = clock_timestamp(), exchange_id = $2
         WHERE id = $1
           AND used_at IS NULL
           AND revoked_at IS NULL
           AND issued_at > clock_timestamp() - make_interval(secs => $3)
           AND otalink.living_session(oidc_code.session_id) IS NOT NULL
        RETURNING used_at
        """)

    static let revoke = Statement(
        "oidc_code.revoke",
        """
        WITH revoked AS (
            UPDATE otalink.oidc_code
               SET revoked_at = clock_timestamp()
             WHERE id = $1
               AND revoked_at IS NULL
            RETURNING client_id, session_id
        )
        INSERT INTO otalink.audit_event
               (event, session_id, ticket_number, customer_login, reason, client_address, user_agent, request_id)
        SELECT 'openid.revoked', revoked.session_id, session.ticket_number, session.customer_login,
               $2 || ', client ' || revoked.client_id, $3, $4, $5
          FROM revoked
          LEFT JOIN otalink.session ON session.id = revoked.session_id
        """)
}
