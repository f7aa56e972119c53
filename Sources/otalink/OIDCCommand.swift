import ArgumentParser
import Crypto
import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider

struct OIDCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oidc", abstract: "Programs that customers sign in to by OpenID Connect, and the signing keys.",
        subcommands: [Client.self, OIDCKeyCommand.self])

    struct Client: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add, list and remove programs.", subcommands: [Add.self, List.self, Remove.self])
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a program, and print its secret. It is shown this once; only its hash is kept.",
            discussion: """
                For OTOBO, in code flow:

                  otalink oidc client add desk --without-pkce \\
                      --redirect-uri 'https://desk.example.org/otobo/customer.pl?Action=Login'

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
                guard try await surroundings.store.relyingParties.add(client) else {
                    throw Advice(
                        text: "A client of the id \(id) exists. Remove it first, or choose another id.")
                }
                // Published from now on, so that whoever signs in first finds it.
                try await ProviderKeys(store: surroundings.store.signingKeys, ring: ring).prepare()
                print(secret ?? "\(id) is registered; it has no secret.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the programs by id.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                for client in try await surroundings.store.relyingParties.list() {
                    let party = client.party
                    let marks = [
                        party.isPublic ? "public" : "secret", party.needsPKCE ? "pkce" : "without-pkce",
                        party.mayUseIDToken ? "id-token" : nil,
                    ].compactMap(\.self)
                    print("\(party.id)  \(marks.joined(separator: ","))")
                    for uri in party.redirectURIs { print("  answers to     \(uri)") }
                    for uri in client.postLogoutRedirectURIs { print("  signed out to  \(uri)") }
                }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a program; its codes and tokens end at once, sessions of customers do not.")

        @Argument(help: "Its id.") var id: String

        func run() async throws {
            try await Surroundings.with { surroundings in
                guard try await surroundings.store.relyingParties.remove(id: id) else {
                    throw Advice(text: "There is no client of the id \(id). See: otalink oidc client list")
                }
                print("Removed.")
            }
        }
    }
}
