import ArgumentParser
import Crypto
import Foundation
import LinkService
import OneTimeLinks

struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key", abstract: "Make, list and revoke the keys of programs that call the API.",
        discussion: """
            The desk and programs of yours show who they are with a key; each may do what its scopes say.

              otalink api-key list
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new key. It is shown this once; only its hash is kept.",
            discussion: """
                For the desk's events, and for links from a program:

                  otalink api-key create desk --scope desk:events
                  otalink api-key create crm --scope links:issue --scope links:revoke

                docs/api.md says what the worst is that the holder of each scope can do. Bind a key to the hosts that use it:

                  otalink api-key create mailhost --scope mail:outbound --from 192.0.2.25
                """)

        @Argument(help: "A name for people and for the audit trail.") var name: String
        @Option(
            help: "What its holder may do, repeatable: \(APIScope.allCases.map(\.rawValue).joined(separator: ", ")).")
        var scope: [String]
        @Option(
            help: "An address or network from which it counts, such as 192.0.2.0/24; repeatable. None: from anywhere.")
        var from: [String] = []
        @OptionGroup var output: ResultOptions

        func run() async throws {
            let scopes = try scope.map { text in
                guard let scope = APIScope(rawValue: text) else {
                    throw ValidationError("There is no scope \(text). See: otalink api-key create --help")
                }
                return scope
            }
            for text in from {
                guard let range = AddressRange(text) else {
                    throw ValidationError(
                        "--from '\(text)' is no address and no network. Write it like 192.0.2.0/24 or 2001:db8::/32.")
                }
                // Somebody who means the one address would open the whole network.
                guard range == range.network else {
                    throw ValidationError(
                        "\(text) is an address within the network \(range.network). Write \(range.network) for the network, "
                            + "or \(range.address) for the address alone.")
                }
            }
            let key = "ota_" + KeyRing.generateSecret()
            try await Surroundings.with { surroundings in
                let hash = Array(SHA256.hash(data: Data(key.utf8)))
                let isNew = try await surroundings.store.apiKeys.create(
                    name: name, hash: hash, scopes: Swift.Set(scopes), networks: from, actor: Surroundings.operatorName)
                guard isNew else {
                    throw ValidationError(
                        "There is a key of the name \(name), or there was one that is revoked. Choose another name: the audit "
                            + "trail tells keys apart by their names.")
                }
                try output.print(["key": key, "name": name], lines: [key])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys by name.",
            discussion: """
                A line has name, whether it is valid, scopes, when it was used last, and from where it counts.

                  otalink api-key list
                """)
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let name: String
            let isValid: Bool
            let scopes: [String]
            let networks: [String]
            let createdAt: Date
            let lastUsedAt: Date?

            var line: String {
                [
                    name, isValid ? "valid" : "revoked", scopes.joined(separator: ","),
                    lastUsedAt?.ISO8601Format() ?? "never used",
                    networks.isEmpty ? "from anywhere" : "from " + networks.joined(separator: ","),
                ].joined(separator: "  ")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.apiKeys.listed()
                let rows = listed.rows.map { key in
                    Row(
                        name: key.name, isValid: key.revokedAt == nil, scopes: key.scopes.map(\.rawValue).sorted(),
                        networks: key.networks, createdAt: key.createdAt, lastUsedAt: key.lastUsedAt)
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.map(\.line))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key back; the next call with it is refused.",
            discussion: """
                  otalink api-key revoke crm
                """)
        @Argument(help: "Its name.") var name: String
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with { surroundings in
                let isRevoked = try await surroundings.store.apiKeys.revoke(
                    name: name, actor: Surroundings.operatorName)
                try output.print(
                    "revoked", isRevoked ? 1 : 0, line: isRevoked ? "Revoked." : "There is no valid key of that name.")
            }
        }
    }
}
