import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import Synchronization

/// The keys that sign ID tokens, unsealed. Their rows are read each time, so all replicas use the same; what was unsealed once is
/// remembered.
public final class ProviderKeys: Sendable {
    private let store: SigningKeys
    private let ring: KeyRing
    private let opened = Mutex([String: SigningKey]())

    public init(store: SigningKeys, ring: KeyRing) {
        self.store = store
        self.ring = ring
    }

    /// The public halves of the keys that clients are to know, newest first; none before the first client was added.
    ///
    /// - Throws: an error of the database.
    public func published(_ settings: Settings) async throws -> [JSONWebKey] {
        let (now, usable, _) = try await readUsable()
        let state = Self.schedule(settings).state(of: usable.map(\.timing), at: now)
        return state.published.compactMap { kid in usable.first { $0.timing.kid == kid }?.key.publicKey }
    }

    /// The key that signs now, and the database's clock. Where there is none whose secret key we hold, one is made.
    ///
    /// - Throws: an error of the database.
    public func signing(_ settings: Settings) async throws -> (key: SigningKey, now: Date) {
        for _ in 0..<2 {
            let (now, usable, known) = try await readUsable()
            let state = Self.schedule(settings).state(of: usable.map(\.timing), at: now)
            if let key = usable.first(where: { $0.timing.kid == state.signing })?.key { return (key, now) }
            try await makeFirst(besides: known)
        }
        throw NoSigningKey()
    }

    /// Makes a key where there is none whose secret key we hold, so that clients see it before they need it.
    public func prepare() async throws {
        let (_, usable, known) = try await readUsable()
        if usable.isEmpty { try await makeFirst(besides: known) }
    }

    /// The rhythm that the settings name.
    public static func schedule(_ settings: Settings) -> KeySchedule { KeySchedule(daysOfUse: settings.signingKeyDays) }

    /// A new key, sealed for its row.
    public static func makeSealed(_ ring: KeyRing) throws -> NewSigningKey {
        let key = try SigningKey.make()
        return NewSigningKey(
            kid: key.publicKey.kid, sealed: try ring.seal(key.der, as: .signingKey, of: key.publicKey.kid))
    }

    /// The same key, sealed under the signing key of the ring; nil when it is so already, or cannot be opened.
    public static func resealed(_ stored: SealedSigningKey, _ ring: KeyRing) throws -> NewSigningKey? {
        let kid = stored.timing.kid
        guard stored.sealed.keyID != ring.signingKeyID,
            let secret = ring.open(stored.sealed, as: .signingKey, of: kid)
        else { return nil }
        return NewSigningKey(kid: kid, sealed: try ring.seal(secret, as: .signingKey, of: kid))
    }

    private struct Usable {
        let timing: KeySchedule.StoredKey
        let key: SigningKey
    }

    /// Keys whose secret key is not in the ring count for nothing; the doctor tells of them.
    private func readUsable() async throws -> (now: Date, keys: [Usable], known: [String]) {
        let (now, stored) = try await store.read()
        let usable = stored.compactMap { row in open(row).map { Usable(timing: row.timing, key: $0) } }
        return (now, usable, stored.map(\.timing.kid))
    }

    private func open(_ stored: SealedSigningKey) -> SigningKey? {
        let kid = stored.timing.kid
        if let key = opened.withLock({ $0[kid] }) { return key }
        guard let secret = ring.open(stored.sealed, as: .signingKey, of: kid), let key = try? SigningKey(der: secret)
        else { return nil }
        opened.withLock { opened in
            // There are two or three at a time.
            if opened.count >= 16 { opened.removeAll() }
            opened[kid] = key
        }
        return key
    }

    /// - Parameter known: those that were found to be of no use. If there is any other by now, somebody was faster.
    private func makeFirst(besides known: [String]) async throws {
        try await store.addFirst(try Self.makeSealed(ring), known: known)
    }
}

/// There is no key to sign with, and none could be made.
public struct NoSigningKey: Error, CustomStringConvertible {
    public let description =
        "There is no key to sign ID tokens with that our secret keys open. See: otalink oidc key list"
}
