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
            abstract: "Show the keys of the ring, and how many links each signs.",
            discussion: "A key may leave the ring when it signs no link any more.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                let keys = try surroundings.environment.keyRing()
                let counts = try await surroundings.store.links.countByKey()
                for id in keys.keyIDs {
                    print("\(id)  \(counts[id] ?? 0) links\(id == keys.signingKeyID ? "  signs" : "")")
                }
                // Links of the add-on are signed by no key.
                let signed = counts.filter { $0.key != AddOnToken.keyID }
                for (id, count) in signed.sorted(by: { $0.key < $1.key }) where !keys.keyIDs.contains(id) {
                    print("\(id)  \(count) links  MISSING from the ring: these links do not work")
                }
            }
        }
    }
}
