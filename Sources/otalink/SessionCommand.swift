import ArgumentParser
import Foundation

struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "List and revoke sessions.", subcommands: [List.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sessions that nobody has ended.")

        @Option(help: "Login of the customer user.") var customer: String?
        @Option(help: "How many at the most.") var limit = 50

        func run() async throws {
            try await Surroundings.with { surroundings in
                for session in try await surroundings.store.sessions.list(customerLogin: customer, limit: limit) {
                    print(
                        [
                            session.id.text, session.ticketNumber, session.customerLogin,
                            session.lastSeenAt.ISO8601Format(), session.clientAddress ?? "-",
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a session, or all of a customer user; every replica obeys within a second.")

        @Argument(help: "Id of the session.") var id: String?
        @Option(help: "Login of the customer user whose sessions end.") var customer: String?
        @Option(help: "Why, for the audit trail.") var reason = "revoked by an operator"

        func validate() throws {
            guard (id == nil) != (customer == nil) else {
                throw ValidationError("Name either the id of a session or a customer user.")
            }
            if let id, UUID(uuidString: id) == nil { throw ValidationError("\(id) is not the id of a session.") }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                var count = 0
                if let uuid = id.flatMap(UUID.init(uuidString:)) {
                    let isRevoked = try await surroundings.store.sessions.revoke(
                        id: uuid, reason: reason, actor: Surroundings.operatorName, context: .none)
                    count = isRevoked ? 1 : 0
                } else if let customer {
                    count = try await surroundings.store.sessions.revokeAll(
                        customerLogin: customer, reason: reason, actor: Surroundings.operatorName, context: .none)
                }
                print("\(count) revoked.")
            }
        }
    }
}
