import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import PostgresClient
import TestSupport
import Testing

@testable import Jobs

@Suite("Rotating the keys that sign ID tokens")
struct RotateSigningKeysTests {
    private struct Service: Sendable {
        let client: PostgresClient
        let database: TestDatabase
        let ring: KeyRing

        var store: LinkStore { LinkStore(client: client) }
        var keys: ProviderKeys { ProviderKeys(store: store.signingKeys, ring: ring) }

        func rotate(_ ring: KeyRing? = nil) async throws -> KeyRotationCount {
            let rotate = RotateSigningKeys(ring: ring ?? self.ring, settings: Settings())
            return try await client.withConnection { try await rotate(on: $0) }
        }

        /// As if so many days had passed.
        func wait(days: Double) async throws {
            try await database.psql(
                """
                UPDATE otalink.oidc_signing_key
                   SET published_at = published_at - interval '\(days) days',
                       first_use_at = first_use_at - interval '\(days) days'
                """)
        }

        func published() async throws -> [String] { try await keys.published(Settings()).map(\.kid) }
        func signing() async throws -> String { try await keys.signing(Settings()).key.publicKey.kid }
    }

    private func withKeys(
        clients: Int = 1, _ body: @escaping @Sendable (Service) async throws -> Void
    ) async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { database in
            let client = PostgresClient(PostgresConfiguration(url: database.url, connections: 8), logger: .quiet)
            let service = Service(
                client: client, database: database, ring: try KeyRing(secrets: [Array(0..<32)]))
            do {
                for number in 0..<clients {
                    _ = try await service.store.relyingParties.add(
                        RegisteredClient(
                            party: RelyingParty(id: "app\(number)", redirectURIs: ["https://app.example.org/"]),
                            secretHash: Data([1]), postLogoutRedirectURIs: []))
                }
                try await body(service)
            } catch {
                await client.close()
                throw error
            }
            await client.close()
        }
    }

    @Test("A key's life: published an hour before it signs, then signing, then kept for a day, then gone")
    func life() async throws {
        try await withKeys { (service) async throws in
            #expect(try await service.rotate().published == 1)
            let first = try await service.signing()
            #expect(try await service.rotate() == KeyRotationCount())
            try await service.wait(days: 89)
            #expect(try await service.rotate() == KeyRotationCount())
            // Its last hour: the next one is published, and signs nothing yet.
            try await service.wait(days: 0.97)
            #expect(try await service.rotate().published == 1)
            let both = try await service.published()
            #expect(both.count == 2 && both.last == first)
            #expect(try await service.signing() == first)
            #expect(try await service.rotate() == KeyRotationCount())
            try await service.wait(days: 0.05)
            #expect(try await service.signing() == both[0] && both[0] != first)
            #expect(try await service.published() == both)
            #expect(try await service.rotate() == KeyRotationCount())
            try await service.wait(days: 1.1)
            #expect(try await service.rotate().deleted == 1)
            #expect(try await service.published() == [both[0]])
            #expect(try await service.store.signingKeys.read().keys.count == 1)
        }
    }

    @Test("A job that did not run in time: the old key signs on, and the next one gets its whole hour")
    func late() async throws {
        try await withKeys { (service) async throws in
            _ = try await service.rotate()
            let first = try await service.signing()
            try await service.wait(days: 200)
            #expect(try await service.signing() == first)
            #expect(try await service.rotate().published == 1)
            #expect(try await service.signing() == first)
            #expect(try await service.published().count == 2)
        }
    }

    @Test("Without a client there is no key; the first sign-ins at once make a single one")
    func firstUse() async throws {
        try await withKeys(clients: 0) { (service) async throws in
            #expect(try await service.rotate() == KeyRotationCount())
            #expect(try await service.published() == [])
            // Eight replicas, each with a memory of its own.
            let used = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await service.signing() } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(used.count == 1)
            #expect(try await service.published() == Array(used))
        }
    }

    @Test("Sealed anew under the first secret key; without its secret key a key counts for nothing")
    func resealing() async throws {
        try await withKeys { (service) async throws in
            _ = try await service.rotate()
            let kid = try await service.signing()
            let rotated = try KeyRing(secrets: [Array(32..<64), Array(0..<32)])
            let alone = try KeyRing(secrets: [Array(32..<64)])
            #expect(try await service.store.signingKeys.countByRingKey() == [service.ring.signingKeyID: 1])
            // The old secret key gone too early: another key is made, and nothing is deleted.
            let without = ProviderKeys(store: service.store.signingKeys, ring: alone)
            #expect(try await without.published(Settings()) == [])
            #expect(try await service.rotate(rotated).resealed == 1)
            #expect(try await service.rotate(rotated) == KeyRotationCount())
            #expect(try await service.store.signingKeys.countByRingKey() == [rotated.signingKeyID: 1])
            #expect(try await without.signing(Settings()).key.publicKey.kid == kid)
        }
    }

    @Test("A key whose time somebody has made endless counts for nothing, and sign-ins go on with another")
    func endlessTime() async throws {
        try await withKeys { service in
            let first = try await service.signing()
            try await service.database.psql("UPDATE otalink.oidc_signing_key SET first_use_at = 'infinity'")
            let second = try await service.signing()
            #expect(second != first)
            #expect(try await service.published() == [second])
            #expect(try await service.rotate().deleted == 0)
        }
    }

    @Test("A dump of the database alone holds no private key, and rows cannot be exchanged")
    func sealed() async throws {
        try await withKeys { (service) async throws in
            _ = try await service.rotate()
            let (_, keys) = try await service.store.signingKeys.read()
            let key = try #require(keys.first)
            let secret = try #require(service.ring.open(key.sealed, as: .signingKey, of: key.timing.kid))
            #expect(try SigningKey(der: secret).publicKey.kid == key.timing.kid)
            #expect(key.sealed.bytes.range(of: secret.prefix(64)) == nil)
            #expect(service.ring.open(key.sealed, as: .signingKey, of: "other") == nil)
            let damaged = SealedSecret(keyID: key.sealed.keyID, bytes: Data(key.sealed.bytes.spoiled()))
            #expect(service.ring.open(damaged, as: .signingKey, of: key.timing.kid) == nil)
        }
    }

    @Test("By hand: the next key before its time; or, if the keys became known, a new one at once and no other")
    func byHand() async throws {
        try await withKeys { (service) async throws in
            _ = try await service.rotate()
            let first = try await service.signing()
            let rotate = RotateSigningKeys(ring: service.ring, settings: Settings())
            _ = try await service.client.withConnection { try await rotate.begin(on: $0, areCompromised: false) }
            #expect(try await service.signing() == first)
            #expect(try await service.published().count == 2)
            let count = try await service.client.withConnection {
                try await rotate.begin(on: $0, areCompromised: true)
            }
            #expect(count.deleted == 2)
            let last = try await service.published()
            #expect(last.count == 1 && last[0] != first)
            #expect(try await service.signing() == last[0])
        }
    }

    @Test("Codes go when their session is gone for a day, and not before")
    func codes() async throws {
        try await withKeys { (service) async throws in
            try await service.database.psql(
                """
                INSERT INTO otalink.session (id, link_id, customer_login, ticket_number)
                VALUES ('00000000-0000-7000-8000-000000000001', gen_random_uuid(), 'anna@example.org', '1');
                INSERT INTO otalink.oidc_code (id, client_id, session_id, redirect_uri, scopes, issued_at)
                SELECT gen_random_uuid(), 'app0', session, 'https://app.example.org/', '{openid}', now() - age
                  FROM (VALUES ('00000000-0000-7000-8000-000000000001'::uuid), ('00000000-0000-7000-8000-000000000002'))
                           AS session (session),
                       (VALUES (interval '23 hours'), (interval '25 hours')) AS age (age)
                """)
            #expect(try await service.rotate().deletedCodes == 1)
            #expect(try await service.rotate().deletedCodes == 0)
        }
    }
}
