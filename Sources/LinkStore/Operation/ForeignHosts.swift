import Foundation
import PostgresClient

/// A host under which a page was asked for, and which is none of ours.
public struct ForeignHost: Sendable, Hashable {
    /// In the spelling under which hosts are compared; in brackets: there was none that can be read.
    public let name: String
    /// Address of the peer of the connection: a proxy, or the client itself.
    public let peer: String
    /// That peer, which is no proxy that we trust, said in `X-Forwarded-Host` that the page was asked for under a host of ours.
    public let isOursElsewhere: Bool

    public init(name: String, peer: String, isOursElsewhere: Bool) {
        self.name = name
        self.peer = peer
        self.isOursElsewhere = isOursElsewhere
    }
}

/// The table `foreign_host`: written by the replicas at most once a minute, read by `otalink doctor`.
public struct ForeignHosts: Sendable {
    let client: PostgresClient

    /// A host, how often pages were asked for under it, and how many seconds ago the last time was.
    public struct Sighting: Sendable, Hashable {
        public let host: ForeignHost
        public let requests: Int
        public let secondsAgo: Int
    }

    /// Adds up what a replica saw. Keeps the twenty rows with the most requests lately, none of which is older than thirty days.
    public func note(_ hosts: [ForeignHost: Int]) async throws {
        let order = hosts.sorted { ($0.key.name, $0.key.peer) < ($1.key.name, $1.key.peer) }
        // The same host from the same peer is one row, whatever that peer said beside it.
        var rows: [(host: ForeignHost, requests: Int)] = []
        for (host, requests) in order {
            if let last = rows.last, last.host.name == host.name, last.host.peer == host.peer {
                rows[rows.count - 1].requests += requests
                if host.isOursElsewhere { rows[rows.count - 1].host = host }
            } else {
                rows.append((host, requests))
            }
        }
        _ = try await client.query(
            ForeignHostSQL.note, rows.map(\.host.name), rows.map(\.host.peer),
            rows.map(\.host.isOursElsewhere), rows.map(\.requests))
    }

    /// Those of the last thirty days, the one with the most requests lately first.
    public func read() async throws -> [Sighting] {
        try await client.query(ForeignHostSQL.read).map { row in
            Sighting(
                host: ForeignHost(
                    name: try row.decode("host"), peer: try row.decode("peer"),
                    isOursElsewhere: try row.decode("is_ours_elsewhere")),
                requests: Int(try row.decode("requests", as: Int64.self)),
                secondsAgo: Int(try row.decode("seconds_ago", as: Double.self)))
        }
    }
}

enum ForeignHostSQL {
    /// A request counts less with each hour: neither do hosts that a client invents push out the one that many ask for, nor does
    /// one that was much asked for last week keep those of today out.
    private static let weight = "requests / (1 + EXTRACT(epoch FROM now() - last_seen_at) / 3600)"

    static let note = Statement(
        "foreign_host.note",
        """
        WITH noted AS (
            SELECT host, peer, is_ours_elsewhere, requests
              FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[])
                AS seen (host, peer, is_ours_elsewhere, requests)
        ), forgotten AS (
            DELETE FROM otalink.foreign_host AS old
             WHERE NOT EXISTS (SELECT FROM noted WHERE noted.host = old.host AND noted.peer = old.peer)
               AND (last_seen_at < now() - interval '30 days'
                    OR (host, peer) IN (SELECT host, peer
                                          FROM otalink.foreign_host
                                         ORDER BY \(weight) DESC, last_seen_at DESC, host, peer
                                        OFFSET 20))
        )
        INSERT INTO otalink.foreign_host AS known (host, peer, is_ours_elsewhere, requests)
        SELECT host, peer, is_ours_elsewhere, requests
          FROM noted
         ORDER BY host, peer
        ON CONFLICT (host, peer) DO UPDATE
           SET is_ours_elsewhere = EXCLUDED.is_ours_elsewhere,
               requests = known.requests + EXCLUDED.requests,
               last_seen_at = now()
        """)

    static let read = Statement(
        "foreign_host.read", repeatable: true,
        """
        SELECT host, peer, is_ours_elsewhere, requests,
               EXTRACT(epoch FROM now() - last_seen_at)::double precision AS seconds_ago
          FROM otalink.foreign_host
         WHERE last_seen_at >= now() - interval '30 days'
         ORDER BY \(weight) DESC, last_seen_at DESC, host, peer
        """)
}
