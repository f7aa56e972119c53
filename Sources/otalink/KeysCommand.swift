import ArgumentParser
import Foundation
import OneTimeLinks

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make secret keys, and see which are in use.",
        subcommands: [Generate.self, List.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new secret key.",
            discussion: "Put it in front of the others in OTALINK_SECRET_KEYS: the first signs, all verify.")

        func run() {
            print(KeyRing.generateSecret())
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the keys of the ring, how many links each signs, and how many signing keys it seals.",
            discussion: """
                A key may leave the ring when it signs no link and seals no signing key any more. The nightly job seals \
                signing keys anew under the first key.
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
}
