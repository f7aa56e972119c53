import ArgumentParser
import Foundation
import OneTimeLinks
import OpenIDStore

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

        @OptionGroup var output: ResultOptions

        func run() throws {
            let key = KeyRing.generateSecret()
            try output.print(["key": key], lines: [key])
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

        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let links: Int
            let signingKeys: Int
            let signs: Bool
            /// False: what it signed and sealed does not work.
            let isInRing: Bool

            var line: String {
                let uses = "\(id)  \(links.counted("link")), \(signingKeys.counted("signing key"))"
                guard isInRing else {
                    return Emphasis.bad(
                        "\(uses)  MISSING from the ring: these links do not work, and other signing keys take the place of these"
                    )
                }
                return uses + (signs ? "  signs" : "")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let keys = try surroundings.environment.keyRing()
                // Links of the add-on are signed by no key.
                let links = try await surroundings.store.links.countByKey().filter { $0.key != AddOnToken.keyID }
                let sealed = try await surroundings.store.signingKeys.countByRingKey()
                let missing = Set(links.keys).union(sealed.keys).subtracting(keys.keyIDs).sorted()
                let rows = (keys.keyIDs + missing).map { id in
                    Row(
                        id: id, links: links[id] ?? 0, signingKeys: sealed[id] ?? 0, signs: id == keys.signingKeyID,
                        isInRing: keys.keyIDs.contains(id))
                }
                try output.print(rows, lines: rows.map(\.line))
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
        @OptionGroup var output: ResultOptions

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
                try output.print(
                    ["deleted": count, "left": left],
                    lines: [
                        "\(count.counted("link")) deleted, \(left) of this key still \(left == 1 ? "signs" : "sign") in."
                    ])
            }
        }
    }
}
