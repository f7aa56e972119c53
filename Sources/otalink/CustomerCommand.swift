import ArgumentParser
import LinkStore
import OneTimeLinks

struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "Look at customer users, and copy those of the desk's other backends.",
        discussion: """
            docs/incoming-mail.md says which backends have to be copied, and how cron does it.

              otalink customer list anna
            """,
        subcommands: [List.self, Import.self, Sync.self, Backends.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List customer users by login.",
            discussion: """
                A line has login, address, name, whether the account is valid, and its backend.

                  otalink customer list example.org --limit 10
                """)

        @Argument(help: "A part of the login or the address.") var text = ""
        @Option(help: "How many at the most.") var limit = 50
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let login: String
            let email: String
            let firstName: String
            let lastName: String
            let isValid: Bool
            let hasPassword: Bool
            let backend: String

            var line: String {
                [login, email, "\(firstName) \(lastName)", isValid ? "valid" : "invalid", backend].joined(
                    separator: "  ")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let customers = try await surroundings.store.customerUsers.list(matching: text, limit: limit)
                let rows = customers.map { customer in
                    Row(
                        login: customer.login, email: customer.email, firstName: customer.firstName,
                        lastName: customer.lastName, isValid: customer.isValid, hasPassword: customer.hasPassword,
                        backend: customer.backend.isEmpty ? CustomerDatabaseSetting.ownName : customer.backend)
                }
                try output.print(rows, lines: rows.map(\.line))
            }
        }
    }

    struct Backends: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the desk's customer backends, and whether we know their customer users.",
            discussion: """
                Those that the setting CustomerBackends names, and those that were copied. The desk's own table is read for it, if the \
                setting CustomerDatabase describes it.

                  otalink customer backends
                """)
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let name: String
            let verdict: Finding.Verdict
            let text: String
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let settings = try await surroundings.store.settings.read()
                let copied = try await surroundings.store.customerCopies.backends()
                let table = await surroundings.readingCustomerTable(settings)
                let declared = settings.customerBackends.map { name in
                    let state = BackendAdvice.state(of: name, settings: settings, copied: copied, table: table)
                    return Row(name: name, verdict: state.verdict, text: state.text)
                }
                var others = copied.filter { !settings.customerBackends.contains($0.name) }.map { backend in
                    Row(name: backend.name, verdict: .doubtful, text: "copied, but CustomerBackends does not name it")
                }
                if let table, let name = settings.customerDatabase?.backend,
                    !(declared + others).contains(where: { $0.name == name })
                {
                    let text = "described by CustomerDatabase, but CustomerBackends does not name it"
                    let objection = table.verdict == .good ? "" : "; it cannot be read: \(table.text)"
                    others.append(Row(name: name, verdict: .doubtful, text: text + objection))
                }
                let lines = (declared + others).map { "\($0.name)  \($0.text)" }
                try output.print(
                    declared + others, lines: (declared.isEmpty ? [BackendAdvice.undeclared] : []) + lines)
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

    /// - Parameter table: what became of reading the desk's own table; nil: the settings describe none.
    static func state(
        of name: String, settings: Settings, copied: [CopiedBackend], table: Finding?
    ) -> (verdict: Finding.Verdict, text: String) {
        if name == CustomerDatabaseSetting.ownName { return (.good, "our own table") }
        if name == settings.customerDatabase?.backend, let table {
            return table.verdict == .good
                ? (.good, "read in the desk's database")
                : (.failed, "is to be read in the desk's database, and cannot be: \(table.text)")
        }
        guard let copy = copied.first(where: { $0.name == name }) else {
            return (
                .failed,
                "never copied, so unknown senders create nobody. See: otalink customer sync --help"
            )
        }
        let skipped = copy.skipped > 0 ? ", \(copy.skipped) left out" : ""
        let text =
            "\(copy.customerUsers.counted("customer user"))\(skipped), copied \(copy.hours.counted("hour")) ago"
        return copy.age > oldCopy ? (.doubtful, text + "; let cron run otalink customer sync") : (.good, text)
    }
}
