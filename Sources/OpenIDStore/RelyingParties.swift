import Foundation
import LinkStore
import OpenIDProvider
import PostgresClient

/// The table `oidc_client`.
public struct RelyingParties: Sendable {
    let client: PostgresClient

    /// The client of that id; nil when there is none.
    public func find(id: String) async throws -> RegisteredClient? {
        try await client.query(RelyingPartySQL.find, id).first.map(Self.decode)
    }

    /// All clients, by id.
    public func listed() async throws -> ReadableRows<RegisteredClient> {
        try ReadableRows(try await client.query(RelyingPartySQL.list), name: { try $0.decode("id") }, Self.decode)
    }

    /// Adds a client.
    ///
    /// - Parameter actor: who does it, for the audit trail.
    /// - Returns: false when one of that id exists.
    public func add(_ new: RegisteredClient, actor: String? = nil) async throws -> Bool {
        let party = new.party
        return try await client.query(
            RelyingPartySQL.add, party.id, new.secretHash, party.redirectURIs, new.postLogoutRedirectURIs,
            party.mayOmitPKCE, party.mayUseIDToken, actor
        ).affectedRows > 0
    }

    /// Removes a client, and with it its codes and tokens.
    ///
    /// - Parameter actor: who does it, for the audit trail.
    /// - Returns: false when there is none of that id.
    public func remove(id: String, actor: String? = nil) async throws -> Bool {
        try await client.query(RelyingPartySQL.remove, id, actor).affectedRows > 0
    }

    private static func decode(_ row: PostgresRow) throws -> RegisteredClient {
        let secretHash: Data? = try row.decode("secret_hash")
        return RegisteredClient(
            party: RelyingParty(
                id: try row.decode("id"), redirectURIs: try row.decode("redirect_uris"), isPublic: secretHash == nil,
                mayOmitPKCE: try row.decode("may_omit_pkce"), mayUseIDToken: try row.decode("may_use_id_token")),
            secretHash: secretHash, postLogoutRedirectURIs: try row.decode("post_logout_redirect_uris"))
    }
}

/// A client as it is stored: its secret nobody knows but itself.
public struct RegisteredClient: Sendable, Hashable {
    public let party: RelyingParty
    /// SHA-256 of the secret; nil for a public client.
    public let secretHash: Data?
    /// Where browsers may go after signing out, byte for byte.
    public let postLogoutRedirectURIs: [String]

    public init(party: RelyingParty, secretHash: Data?, postLogoutRedirectURIs: [String]) {
        self.party = party
        self.secretHash = secretHash
        self.postLogoutRedirectURIs = postLogoutRedirectURIs
    }
}

enum RelyingPartySQL {
    private static let columns = """
        id, secret_hash, redirect_uris, post_logout_redirect_uris, may_omit_pkce, may_use_id_token
        """

    static let find = Statement(
        "oidc_client.find", repeatable: true, "SELECT \(columns) FROM otalink.oidc_client WHERE id = $1")

    static let list = Statement(
        "oidc_client.list", repeatable: true, "SELECT \(columns) FROM otalink.oidc_client ORDER BY id COLLATE \"C\"")

    static let add = Statement(
        "oidc_client.add",
        """
        WITH added AS (
            INSERT INTO otalink.oidc_client (\(columns))
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (id) DO NOTHING
            RETURNING id, redirect_uris
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'openid.client_added', id || ': ' || array_to_string(redirect_uris, ', '), $7
          FROM added
        """)

    static let remove = Statement(
        "oidc_client.remove",
        """
        WITH removed AS (
            DELETE FROM otalink.oidc_client
             WHERE id = $1
            RETURNING id
        )
        INSERT INTO otalink.audit_event (event, reason, actor)
        SELECT 'openid.client_removed', id, $2
          FROM removed
        """)
}
