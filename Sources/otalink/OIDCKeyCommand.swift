import ArgumentParser
import Foundation
import Jobs
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider

struct OIDCKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys that sign ID tokens.", subcommands: [List.self, Rotate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys, newest first: which one signs, since or from when, and what seals it.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                let ring = try surroundings.environment.keyRing()
                let settings = try await surroundings.store.settings.read()
                let (now, keys) = try await surroundings.store.signingKeys.read()
                let usable = keys.filter { ring.open($0.sealed, as: .signingKey, of: $0.timing.kid) != nil }
                let state = ProviderKeys.schedule(settings).state(of: usable.map(\.timing), at: now)
                for key in keys.reversed() {
                    let timing = key.timing
                    let word =
                        if !ring.keyIDs.contains(key.sealed.keyID) {
                            "MISSING: the secret key that seals it is not in the ring"
                        } else if timing.kid == state.signing {
                            "signs"
                        } else if timing.firstUse > now {
                            "next"
                        } else {
                            state.published.contains(timing.kid) ? "kept" : "over"
                        }
                    print(
                        [
                            timing.kid, "published \(timing.publishedAt.ISO8601Format())",
                            "first use \(timing.firstUse.ISO8601Format())", "sealed by \(key.sealed.keyID)", word,
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish the next key before its time; it signs an hour later.",
            discussion: """
                The service does this by itself every night, as the setting \(SettingName.signingKeyDays) says. Desks keep \
                the key set for half an hour, so nobody notices.
                """)

        @Flag(
            help:
                "Somebody else may know the keys: delete them all, and sign with a new one at once. Sign-ins at clients that still keep the old key set fail until they read it again."
        )
        var compromised = false

        func run() async throws {
            try await Surroundings.with { surroundings in
                let rotate = RotateSigningKeys(
                    ring: try surroundings.environment.keyRing(),
                    settings: try await surroundings.store.settings.read())
                let count = try await surroundings.client.withAdvisoryLock(Job.signingKeyLock) { connection in
                    try await rotate.begin(on: connection, areCompromised: compromised)
                }
                guard let count else {
                    throw Advice(text: "A replica rotates the keys at this moment. Look with: otalink oidc key list")
                }
                print(count)
            }
        }
    }
}
