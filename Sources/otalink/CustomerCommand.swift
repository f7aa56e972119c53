import ArgumentParser
import LinkStore
import OneTimeLinks

struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "Look at customer users, and copy those of the desk's other backends.",
        subcommands: [List.self, Import.self, Sync.self, Backends.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List customer users by login.")

        @Argument(help: "A part of the login or the address.") var text = ""
        @Option(help: "How many at the most.") var limit = 50

        func run() async throws {
            try await Surroundings.with { surroundings in
                for customer in try await surroundings.store.customerUsers.list(matching: text, limit: limit) {
                    print(
                        [
                            customer.login, customer.email, "\(customer.firstName) \(customer.lastName)",
                            customer.isValid ? "valid" : "invalid",
                            customer.backend.isEmpty ? CustomerDatabaseSetting.ownName : customer.backend,
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Backends: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the desk's customer backends, and whether we know their customer users.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                let settings = try await surroundings.store.settings.read()
                let copied = try await surroundings.store.customerCopies.backends()
                if settings.customerBackends.isEmpty { print(BackendAdvice.undeclared) }
                for name in settings.customerBackends {
                    print("\(name)  \(BackendAdvice.state(of: name, settings: settings, copied: copied).text)")
                }
                for backend in copied where !settings.customerBackends.contains(backend.name) {
                    print("\(backend.name)  copied, but CustomerBackends does not name it")
                }
            }
        }
    }
}

/// What an operator is told about the desk's customer backends.
enum BackendAdvice {
    static let undeclared = """
        Nobody has said which customer backends the desk has, so unknown senders create nobody. Name them all, as in its \
        Kernel/Config.pm, ours as otalink: otalink setting set CustomerBackends 'CustomerUser, otalink'
        """

    /// A copy that is older makes the doctor doubt.
    static let oldCopy: Double = 2 * 86_400

    static func state(
        of name: String, settings: Settings, copied: [CopiedBackend]
    ) -> (verdict: Finding.Verdict, text: String) {
        if name == CustomerDatabaseSetting.ownName { return (.good, "our own table") }
        if name == settings.customerDatabase?.backend { return (.good, "read in the desk's database") }
        guard let copy = copied.first(where: { $0.name == name }) else {
            return (
                .failed,
                "never copied, so unknown senders create nobody. See: otalink customer sync --help"
            )
        }
        let skipped = copy.skipped > 0 ? ", \(copy.skipped) left out" : ""
        let text = "\(copy.customerUsers) customer users\(skipped), copied \(Int(copy.age / 3600)) hours ago"
        return copy.age > oldCopy ? (.doubtful, text + "; let cron run otalink customer sync") : (.good, text)
    }
}
