import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import PostgresClient

/// The rotation of the keys that sign ID tokens: the next one is published an hour before it signs, the last one stays published for a
/// day, and all are kept sealed under the newest secret key.
public struct RotateSigningKeys: Sendable {
    private let ring: KeyRing
    private let schedule: KeySchedule

    public init(ring: KeyRing, settings: Settings) {
        self.ring = ring
        schedule = ProviderKeys.schedule(settings)
    }

    /// Does what is due.
    ///
    /// - Parameter connection: holds the job's lock; everything is written over it.
    /// - Throws: an error of the database.
    public func callAsFunction(on connection: PostgresConnectionHandle) async throws -> KeyRotationCount {
        let rotation = SigningKeyRotation(connection: connection)
        var count = KeyRotationCount()
        var each = EachAlone()
        count.deletedCodes = await each.attempt { try await rotation.deleteOrphanedCodes() } ?? 0
        let (now, keys) = try await rotation.read()
        // Keys that our secret keys do not open sign nothing, so the next one is due as if they were not there.
        let state = schedule.state(of: usable(keys).map(\.timing), at: now)
        if let firstUse = state.nextFirstUse, try await rotation.hasClients() {
            try await rotation.add(try ProviderKeys.makeSealed(ring), firstUse: firstUse)
            count.published = 1
        }
        try await rotation.delete(kids: state.expired)
        count.deleted = state.expired.count
        for key in keys where !state.expired.contains(key.timing.kid) {
            let isResealed = await each.attempt {
                guard let resealed = try ProviderKeys.resealed(key, ring) else { return false }
                try await rotation.reseal(resealed)
                return true
            }
            if isResealed == true { count.resealed += 1 }
        }
        try each.end()
        return count
    }

    /// Publishes the next key now, whose turn comes after the usual hour; or, where others may have come to know the keys, at once, and
    /// all that there were are deleted.
    ///
    /// - Throws: an error of the database.
    public func begin(on connection: PostgresConnectionHandle, areCompromised: Bool) async throws -> KeyRotationCount {
        let rotation = SigningKeyRotation(connection: connection)
        let (now, keys) = try await rotation.read()
        let lead = areCompromised || usable(keys).isEmpty ? 0 : TimeInterval(schedule.lead)
        try await rotation.add(try ProviderKeys.makeSealed(ring), firstUse: now.addingTimeInterval(lead))
        var count = KeyRotationCount(published: 1)
        if areCompromised {
            try await rotation.delete(kids: keys.map(\.timing.kid))
            count.deleted = keys.count
        }
        return count
    }

    private func usable(_ keys: [SealedSigningKey]) -> [SealedSigningKey] {
        keys.filter { ring.open($0.sealed, as: .signingKey, of: $0.timing.kid) != nil }
    }
}

/// What a run did.
public struct KeyRotationCount: Sendable, Hashable, Encodable, CustomStringConvertible {
    public var published = 0
    public var deleted = 0
    public var resealed = 0
    public var deletedCodes = 0

    public init(published: Int = 0) {
        self.published = published
    }

    public var description: String {
        "\(published) keys published, \(deleted) deleted, \(resealed) sealed anew; \(deletedCodes) codes deleted"
    }
}
