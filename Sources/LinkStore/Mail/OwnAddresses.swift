import OneTimeLinks
import PostgresClient

/// The table `own_address`: the addresses that our mails come from, said by the replicas and read by the filter on the mail host.
public struct OwnAddresses: Sendable {
    let client: PostgresClient

    /// Says that our mails come from these addresses, and forgets those of which no replica has said so for thirty days.
    public func publish(_ addresses: Set<String>) async throws {
        let canonical = Set(addresses.map(AddressIdentity.canonical)).sorted()
        _ = try await client.query(OwnAddressSQL.publish, canonical)
    }

    /// The addresses, canonical.
    public func read() async throws -> Set<String> {
        Set(try await client.query(OwnAddressSQL.read).map { try $0.decode(String.self) })
    }
}

enum OwnAddressSQL {
    static let publish = Statement(
        "own_address.publish",
        """
        WITH forgotten AS (
            DELETE FROM otalink.own_address
             WHERE published_at < now() - interval '30 days'
               AND address <> ALL ($1::text[])
        )
        INSERT INTO otalink.own_address (address)
        SELECT address
          FROM unnest($1::text[]) AS said (address)
         ORDER BY address
        ON CONFLICT (address) DO UPDATE
           SET published_at = now()
        """)

    static let read = Statement(
        "own_address.read", repeatable: true,
        "SELECT address FROM otalink.own_address WHERE published_at > now() - interval '30 days'")
}
