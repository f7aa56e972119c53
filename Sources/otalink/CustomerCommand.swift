import ArgumentParser

struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "Look at customer users.", subcommands: [List.self])

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
                        ].joined(separator: "  "))
                }
            }
        }
    }
}
