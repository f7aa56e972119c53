import ArgumentParser
import Foundation
import Jobs
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

struct OIDCKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys that sign ID tokens.",
        discussion: """
              otalink oidc key list
            """, subcommands: [List.self, Rotate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys, newest first: which one signs, since or from when, and what seals it.",
            discussion: """
                  otalink oidc key list
                """)
        @OptionGroup var output: ResultOptions

        private enum Standing: String, Encodable {
            case signs, next, kept, over
            case missing
        }

        private struct Row: Encodable {
            let id: String
            let publishedAt: Date
            let firstUseAt: Date
            let sealedBy: String
            let standing: Standing

            var line: String {
                let word = "MISSING: the secret key that seals it is not in the ring"
                return [
                    id, "published \(publishedAt.ISO8601Format())", "first use \(firstUseAt.ISO8601Format())",
                    "sealed by \(sealedBy)", standing == .missing ? Emphasis.bad(word) : standing.rawValue,
                ].joined(separator: "  ")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let ring = try surroundings.environment.keyRing()
                let settings = try await surroundings.store.settings.read()
                let (now, keys) = try await surroundings.store.signingKeys.read()
                let usable = keys.filter { ring.open($0.sealed, as: .signingKey, of: $0.timing.kid) != nil }
                let state = ProviderKeys.schedule(settings).state(of: usable.map(\.timing), at: now)
                func standing(_ key: SealedSigningKey) -> Standing {
                    if !ring.keyIDs.contains(key.sealed.keyID) { return .missing }
                    if key.timing.kid == state.signing { return .signs }
                    if key.timing.firstUse > now { return .next }
                    return state.published.contains(key.timing.kid) ? .kept : .over
                }
                let rows = keys.reversed().map { key in
                    Row(
                        id: key.timing.kid, publishedAt: key.timing.publishedAt, firstUseAt: key.timing.firstUse,
                        sealedBy: key.sealed.keyID, standing: standing(key))
                }
                try output.print(rows, lines: rows.map(\.line))
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish the next key before its time; it signs an hour later.",
            discussion: """
                The service does this by itself every night, as the setting \(SettingName.signingKeyDays) says. Desks keep \
                the key set for half an hour, so nobody notices.

                  otalink oidc key rotate
                """)

        @Flag(
            help:
                "Somebody else may know the keys: delete them all, and sign with a new one at once. Sign-ins at clients that still keep the old key set fail until they read it again."
        )
        var compromised = false
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with(holdsLocks: true) { surroundings in
                let rotate = RotateSigningKeys(
                    ring: try surroundings.environment.keyRing(),
                    settings: try await surroundings.store.settings.read())
                let count = try await surroundings.client.withAdvisoryLock(Job.signingKeyLock) { connection in
                    try await rotate.begin(on: connection, areCompromised: compromised)
                }
                guard let count else {
                    throw Advice(text: "A replica rotates the keys at this moment. Look with: otalink oidc key list")
                }
                try output.print(count, lines: ["\(count)"])
            }
        }
    }
}
