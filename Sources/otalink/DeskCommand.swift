import ArgumentParser
import Foundation
import TicketSystem

struct DeskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "desk",
        abstract: "Print what belongs into the desk's configuration, and look after what the desk reports.",
        discussion: """
            docs/desk.md shows where it goes.

              otalink desk config --web-service
            """,
        subcommands: [Config.self, Events.self, Retry.self])

    struct Config: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the lines for the desk's Kernel/Config.pm, the web service to import, or the sign-in by a header.",
            discussion: """
                The lines make our table a customer backend of the desk, let customer users of that table sign in with a password \
                that they set at the desk, and let the desk keep mails through an outage. \
                The addresses come from OTALINK_DATABASE_URL and OTALINK_BASE_URL; what is not set is printed as an example. \
                No database is asked. Passwords are not printed; put them in where it says CHANGE THIS.

                  otalink desk config > backend.pl                 # for the desk's Kernel/Config.pm, before its last lines
                  otalink desk config --web-service > otalink.yml  # to import under Admin, Web Services
                  otalink desk config --forward-auth > auth.pl     # for Kernel/Config.pm, too; docs/forward-auth.md

                The desk needs a user of our database:
                  CREATE USER otobo_customers PASSWORD '...' IN ROLE otalink_desk;
                and for its events a key: otalink api-key create desk --scope desk:events
                """)

        @Flag(help: "The definition of the web service, in YAML.") var webService = false
        @Flag(help: "The module that has the desk believe a proxy.") var forwardAuth = false
        @Option(help: "The desk's family: otobo or znuny.") var family: OTOBOSetup.Family = .otobo
        @Option(help: "The number of the backend, or of the module, 1 to 10; one that is free.") var number = 1
        @Option(help: "The desk's user in our database.") var user = "otobo_customers"

        private static let exampleDatabase = OTOBOSetup.Database(host: "db.example.org", port: 5432, name: "otalink")

        func validate() throws {
            guard !webService || !forwardAuth else {
                throw ValidationError("--web-service and --forward-auth print two things; ask for one.")
            }
            guard (1...10).contains(number) else { throw ValidationError("--number goes from 1 to 10.") }
            guard !user.isEmpty, user.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                throw ValidationError("--user takes letters, digits and underscores.")
            }
        }

        func run() async throws {
            if forwardAuth { return print(OTOBOSetup.forwardAuth(number: number)) }
            let environment = ServiceEnvironment()
            let setup = OTOBOSetup(
                family: family, database: try environment.databaseAddress() ?? Self.exampleDatabase,
                serviceURL: environment.isSet("OTALINK_BASE_URL")
                    ? try environment.baseURL().url("") : "https://tickets.example.org")
            print(webService ? setup.webService : setup.configuration(number: number, user: user))
        }
    }
}

extension OTOBOSetup.Family: ExpressibleByArgument {}

extension ServiceEnvironment {
    /// Where the database is, as far as its URL says so; nil where there is no URL.
    func databaseAddress() throws -> OTOBOSetup.Database? {
        guard isSet("OTALINK_DATABASE_URL") else { return nil }
        let url = try database(for: .command).url
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, scheme.hasPrefix("postgres") else {
            throw ValidationError(
                "OTALINK_DATABASE_URL must be a URL here, such as postgresql://otalink@db.example.org/otalink")
        }
        let name = parts.path.split(separator: "/").first.map(String.init) ?? "otalink"
        return .init(
            host: parts.host.flatMap { $0.isEmpty ? nil : $0 } ?? "localhost", port: parts.port ?? 5432, name: name)
    }
}
