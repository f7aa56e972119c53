import ArgumentParser
import Foundation

struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "List and revoke sessions.",
        discussion: """
            A session is what clicks on links leave in a browser. It holds a grant for each ticket that was opened there.

              otalink session list --customer anna@example.org
            """,
        subcommands: [List.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the sessions that nobody has ended.",
            discussion: """
                A line has id, tickets, customer user, last request and address. Some of them may be over by SessionIdleTime or \
                SessionLifetime, or show nothing any more since the ticket was closed or moved.

                  otalink session list --limit 10
                """)

        @Option(help: "Login of the customer user.") var customer: String?
        @Option(help: "How many at the most.") var limit = 50
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let ticketNumber: String
            let customerLogin: String
            let createdAt: Date
            let lastSeenAt: Date
            let clientAddress: String?
            let userAgent: String?
            let grants: [Grant]

            struct Grant: Encodable {
                let id: Int64?
                let ticketNumber: String?
                let countsAtDesk: Bool
                let createdAt: Date
            }

            private var tickets: String {
                grants.isEmpty ? ticketNumber : grants.map { $0.ticketNumber ?? "all" }.joined(separator: ",")
            }

            var line: String {
                [id, tickets, customerLogin, lastSeenAt.ISO8601Format(), clientAddress ?? "-"].joined(
                    separator: "  ")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.sessions.listed(customerLogin: customer, limit: limit)
                let rows = listed.rows.map { session in
                    Row(
                        id: session.id.text, ticketNumber: session.ticketNumber, customerLogin: session.customerLogin,
                        createdAt: session.createdAt, lastSeenAt: session.lastSeenAt,
                        clientAddress: session.clientAddress, userAgent: session.userAgent,
                        grants: session.grants.map {
                            Row.Grant(
                                id: $0.id, ticketNumber: $0.ticketNumber, countsAtDesk: $0.countsAtDesk,
                                createdAt: $0.createdAt)
                        })
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.map(\.line))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a session, or all of a customer user; every replica obeys within a second.",
            discussion: """
                If a later click of the same browser has replaced the session, the one in its place ends.

                  otalink session revoke 0198c2f0-0000-7000-8000-000000000004
                  otalink session revoke --customer anna@example.org --reason 'lost telephone'
                """)

        @Argument(help: "Id of the session.") var id: String?
        @Option(help: "Login of the customer user whose sessions end.") var customer: String?
        @Option(help: "Why, for the audit trail.") var reason = "revoked by an operator"
        @OptionGroup var output: ResultOptions

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
                    count = try await surroundings.store.sessions.revoke(
                        id: uuid, reason: reason, actor: Surroundings.operatorName, context: .none
                    ).count
                } else if let customer {
                    count = try await surroundings.store.sessions.revokeAll(
                        customerLogin: customer, reason: reason, actor: Surroundings.operatorName, context: .none)
                }
                try output.print("revoked", count, line: "\(count) revoked.")
            }
        }
    }
}
