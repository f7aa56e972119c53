import ArgumentParser
import Crypto
import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

struct OIDCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oidc", abstract: "Programs that customers sign in to by OpenID Connect, and the signing keys.",
        discussion: """
            docs/openid-connect.md says how the desk and other programs are set up.

              otalink oidc client list
              otalink oidc key list
            """,
        subcommands: [Client.self, OIDCKeyCommand.self])

    struct Client: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add, list and remove programs.",
            discussion: """
                  otalink oidc client list
                """, subcommands: [Add.self, List.self, Remove.self])
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a program, and print its secret. It is shown this once; only its hash is kept.",
            discussion: """
                For a program that does PKCE, and for OTOBO in code flow, which does not:

                  otalink oidc client add wiki --redirect-uri https://wiki.example.org/callback
                  otalink oidc client add desk --without-pkce --redirect-uri 'https://desk.example.org/otobo/customer.pl?Action=Login'

                docs/openid-connect.md has the settings that go with it.
                """)

        @Argument(help: "What the program calls itself: its client_id.") var id: String
        @Option(
            name: .customLong("redirect-uri"), help: "Where answers go, exactly as the program sends it; repeatable.")
        var redirectURI: [String]
        @Option(
            name: .customLong("post-logout-redirect-uri"), help: "Where browsers may go after signing out; repeatable.")
        var postLogoutRedirectURI: [String] = []
        @Flag(
            name: .customLong("public"),
            help: "It cannot keep a secret (a program in the browser or on a telephone), and gets none.")
        var isPublic = false
        @Flag(name: .customLong("without-pkce"), help: "It cannot do PKCE. OTOBO cannot.") var withoutPKCE = false
        @Flag(help: "It may have its ID token posted through the browser (id_token by form_post).") var idToken = false
        @OptionGroup var output: ResultOptions

        func validate() throws {
            guard ClientName.isAcceptable(id) else {
                throw ValidationError("A client's id has up to 100 letters, digits, dots, hyphens and underscores.")
            }
            guard !redirectURI.isEmpty else { throw ValidationError("Name at least one --redirect-uri.") }
            for uri in redirectURI + postLogoutRedirectURI {
                if let objection = RedirectTarget.objection(to: uri) { throw ValidationError("\(uri) \(objection)") }
            }
            if isPublic, withoutPKCE {
                throw ValidationError("A public client has no secret, so it needs PKCE. Leave out one of the two.")
            }
        }

        private struct Result: Encodable {
            let id: String
            let secret: String?
        }

        func run() async throws {
            let secret = isPublic ? nil : KeyRing.generateSecret()
            let client = RegisteredClient(
                party: RelyingParty(
                    id: id, redirectURIs: redirectURI, isPublic: isPublic, mayOmitPKCE: withoutPKCE,
                    mayUseIDToken: idToken),
                secretHash: secret.map { Data(SHA256.hash(data: Data($0.utf8))) },
                postLogoutRedirectURIs: postLogoutRedirectURI)
            try await Surroundings.with { surroundings in
                let ring = try surroundings.environment.keyRing()
                guard
                    try await surroundings.store.relyingParties.add(
                        client, actor: Surroundings.operatorName)
                else {
                    throw ValidationError(
                        "A client of the id \(id) exists. Remove it first, or choose another id.")
                }
                // Published from now on, so that whoever signs in first finds it.
                try await ProviderKeys(store: surroundings.store.signingKeys, ring: ring).prepare()
                try output.print(
                    Result(id: id, secret: secret), lines: [secret ?? "\(id) is registered; it has no secret."])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the programs by id.",
            discussion: """
                A line has the id and what is particular about the program; below it is where its browsers are sent.

                  otalink oidc client list
                """)
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let isPublic: Bool
            let needsPKCE: Bool
            let mayUseIDToken: Bool
            let redirectURIs: [String]
            let postLogoutRedirectURIs: [String]

            var lines: [String] {
                let marks = [
                    isPublic ? "public" : "secret", needsPKCE ? "pkce" : "without-pkce",
                    mayUseIDToken ? "id-token" : nil,
                ].compactMap(\.self)
                return ["\(id)  \(marks.joined(separator: ","))"] + redirectURIs.map { "  answers to     \($0)" }
                    + postLogoutRedirectURIs.map { "  signed out to  \($0)" }
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.relyingParties.listed()
                let rows = listed.rows.map { client in
                    Row(
                        id: client.party.id, isPublic: client.party.isPublic, needsPKCE: client.party.needsPKCE,
                        mayUseIDToken: client.party.mayUseIDToken, redirectURIs: client.party.redirectURIs,
                        postLogoutRedirectURIs: client.postLogoutRedirectURIs)
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.flatMap(\.lines))
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a program; its codes and tokens end at once, sessions of customers do not.",
            discussion: """
                  otalink oidc client remove wiki
                """)

        @Argument(help: "Its id.") var id: String
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with { surroundings in
                guard
                    try await surroundings.store.relyingParties.remove(
                        id: id, actor: Surroundings.operatorName)
                else {
                    throw ValidationError("There is no client of the id \(id). See: otalink oidc client list")
                }
                try output.print(["removed": id], lines: ["Removed."])
            }
        }
    }
}
