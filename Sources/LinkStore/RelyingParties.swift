import Foundation
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
    public func list() async throws -> [RegisteredClient] {
        try await client.query(RelyingPartySQL.list).map(Self.decode)
    }

    /// Adds a client.
    ///
    /// - Returns: false when one of that id exists.
    public func add(_ new: RegisteredClient) async throws -> Bool {
        let party = new.party
        return try await client.query(
            RelyingPartySQL.add, party.id, new.secretHash, party.redirectURIs, new.postLogoutRedirectURIs,
            party.mayOmitPKCE, party.mayUseIDToken
        ).affectedRows > 0
    }

    /// Removes a client, and with it its codes and tokens.
    ///
    /// - Returns: false when there is none of that id.
    public func remove(id: String) async throws -> Bool {
        try await client.query(RelyingPartySQL.remove, id).affectedRows > 0
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
        INSERT INTO otalink.oidc_client (\(columns))
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO NOTHING
        """)

    static let remove = Statement("oidc_client.remove", "DELETE FROM otalink.oidc_client WHERE id = $1")
}
