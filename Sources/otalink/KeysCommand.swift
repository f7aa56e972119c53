import ArgumentParser
import Foundation
import OneTimeLinks

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make secret keys, see which are in use, and retire old ones.",
        discussion: """
            The first key of the ring signs, all verify. docs/key-rotation.md has the order of steps.

              otalink keys list
            """,
        subcommands: [Generate.self, List.self, Retire.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new secret key.",
            discussion: """
                For a new service, or to put at the end of the others in a first step and in front of them in a second:

                  otalink keys generate >> /etc/otalink/secret-keys
                """)

        func run() {
            print(KeyRing.generateSecret())
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the keys of the ring, how many links each signs, and how many signing keys it seals.",
            discussion: """
                A key may leave the ring when it signs no link, and no session that still holds, and seals no signing key any more. \
                The nightly job seals signing keys anew under the first key.

                  otalink keys list
                """)

        func run() async throws {
            try await Surroundings.with { surroundings in
                let keys = try surroundings.environment.keyRing()
                let counts = try await surroundings.store.links.countByKey()
                let sealed = try await surroundings.store.signingKeys.countByRingKey()
                for id in keys.keyIDs {
                    let uses = "\(counts[id] ?? 0) links, \(sealed[id] ?? 0) signing keys"
                    print("\(id)  \(uses)\(id == keys.signingKeyID ? "  signs" : "")")
                }
                // Links of the add-on are signed by no key.
                let signed = counts.filter { $0.key != AddOnToken.keyID }
                for (id, count) in signed.sorted(by: { $0.key < $1.key }) where !keys.keyIDs.contains(id) {
                    print("\(id)  \(count) links  MISSING from the ring: these links do not work")
                }
                for (id, count) in sealed.sorted(by: { $0.key < $1.key }) where !keys.keyIDs.contains(id) {
                    print("\(id)  \(count) signing keys  MISSING from the ring: new ones take their place")
                }
            }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete the links of an old key that sign nobody in any more.",
            discussion: """
                Those are used, superseded, revoked, or older than \(SettingName.linkLifetime). Whoever clicks on one afterwards is told that it is \
                not valid, and can ask for a new one. Links that still sign in stay, and keep the key in the ring.

                  otalink keys retire 1f0c9a2b
                """)

        @Argument(help: "Id of the key, as otalink keys list shows it.") var id: String

        func run() async throws {
            try await Surroundings.with { surroundings in
                guard try surroundings.environment.keyRing().signingKeyID != id else {
                    throw Advice(
                        text:
                            "\(id) signs the links of now. Put another key in front of it first; see docs/key-rotation.md."
                    )
                }
                let links = surroundings.store.links
                let settings = try await surroundings.store.settings.read()
                let count = try await links.retire(
                    keyID: id, lifetimeDays: settings.link.linkLifetimeDays, actor: Surroundings.operatorName)
                let left = try await links.countByKey()[id] ?? 0
                print("\(count) links deleted, \(left) of this key still sign in.")
            }
        }
    }
}
