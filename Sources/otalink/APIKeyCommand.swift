import ArgumentParser
import Crypto
import Foundation
import OneTimeLinks

struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key", abstract: "Make, list and revoke the keys of programs that call the API.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new key. It is shown this once; only its hash is kept.")

        @Argument(help: "A name for people and for the audit trail.") var name: String
        @Option(
            help: "What its holder may do, repeatable: \(APIScope.allCases.map(\.rawValue).joined(separator: ", ")).")
        var scope: [String]

        func run() async throws {
            let scopes = try scope.map { text in
                guard let scope = APIScope(rawValue: text) else {
                    throw ValidationError("There is no scope \(text). See: otalink api-key create --help")
                }
                return scope
            }
            let key = "ota_" + KeyRing.generateSecret()
            try await Surroundings.with { surroundings in
                let hash = Array(SHA256.hash(data: Data(key.utf8)))
                guard try await surroundings.store.apiKeys.create(name: name, hash: hash, scopes: Swift.Set(scopes))
                else {
                    throw ValidationError("A key of the name \(name) exists. Choose another name.")
                }
                print(key)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys by name.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                for key in try await surroundings.store.apiKeys.list() {
                    let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ",")
                    let state = key.revokedAt == nil ? "valid" : "revoked"
                    print(
                        [key.name, state, scopes, key.lastUsedAt?.ISO8601Format() ?? "never used"].joined(
                            separator: "  "))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key back; the next call with it is refused.")
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            try await Surroundings.with { surroundings in
                let isRevoked = try await surroundings.store.apiKeys.revoke(name: name)
                print(isRevoked ? "Revoked." : "There is no valid key of that name.")
            }
        }
    }
}
