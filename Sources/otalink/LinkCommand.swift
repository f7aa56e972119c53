import ArgumentParser
import CurlClient
import Foundation
import LinkStore
import OneTimeLinks

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Issue, list and revoke links.",
        discussion: """
            A link signs one customer user in to one ticket, once.

              otalink link list --ticket 2026112510000018
            """,
        subcommands: [IssueSubcommand.self, List.self, Revoke.self])

    struct IssueSubcommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue", abstract: "Print a new link for a customer user on a ticket.",
            discussion: """
                The link is active at once and takes the place of the person's older links for the ticket. For a customer user with a password, \
                the desk's own address of the ticket is printed instead, and standard error says so.

                  otalink link issue --ticket 2026112510000018 --customer anna@example.org
                """)

        @Option(help: "Number of the ticket.") var ticket: String
        @Option(help: "Login of the customer user.") var customer: String
        @OptionGroup var output: ResultOptions

        private struct Result: Encodable {
            /// Nil: the address of the desk, which signs nobody in.
            let id: String?
            let url: String
            /// False: the customer user has a password, and the desk asks for it.
            let signsIn: Bool
        }

        func run() async throws {
            guard let number = TicketNumber(ticket) else { throw ValidationError("\(ticket) is not a ticket number.") }
            try await Surroundings.with { surroundings in
                let curl = surroundings.curlClient()
                let acts = try surroundings.acts(curl: curl)
                let answer = try await acts.issue(
                    ticketNumber: number, customerLogin: customer,
                    settings: try await surroundings.store.settings.read(), actor: Surroundings.operatorName,
                    context: .none)
                let environment = surroundings.environment
                let result: Result
                switch answer {
                case .issued(let id, _, let token, _):
                    result = Result(id: id.text, url: try environment.baseURL().link(token: token), signsIn: true)
                case .plainURL(let ticket):
                    result = Result(
                        id: nil, url: try environment.deskTicketURL() + ticket.number.text, signsIn: false)
                case .refused(let refusal): throw Refused(explanation: refusal.explanation)
                }
                try output.print(result, lines: [result.url])
                if !result.signsIn {
                    let note =
                        "\(customer) has a password, so this is the desk's own address of the ticket. See the setting "
                        + "\(SettingName.plainURLWithPassword).\n"
                    FileHandle.standardError.write(Data(ForeignText.printable(note, keepingLines: true).utf8))
                }
                await curl.close()
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List links, the newest first.",
            discussion: """
                A line has id, state, ticket, customer user and the time of making. Tokens are stored nowhere and cannot be listed.

                  otalink link list --customer anna@example.org --limit 10
                """)

        @Option(help: "Number of the ticket.") var ticket: String?
        @Option(help: "Login of the customer user.") var customer: String?
        @Option(help: "How many at the most.") var limit = 50
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let state: String
            let ticketNumber: String
            let customerLogin: String
            let recipient: String
            let origin: String
            let createdAt: Date
            let usedAt: Date?

            var line: String {
                [id, state, ticketNumber, customerLogin, createdAt.ISO8601Format()].joined(separator: "  ")
            }
        }

        func run() async throws {
            let number = try ticket.map { text in
                guard let number = TicketNumber(text) else { throw ValidationError("\(text) is not a ticket number.") }
                return number
            }
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.links.listed(
                    ticketNumber: number, customerLogin: customer, limit: limit)
                let rows = listed.rows.map { link in
                    Row(
                        id: link.id.text, state: link.state, ticketNumber: link.ticketNumber,
                        customerLogin: link.customerLogin, recipient: link.recipient, origin: link.origin,
                        createdAt: link.createdAt, usedAt: link.usedAt)
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.map(\.line))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back links, and the sessions that they opened.",
            discussion: """
                Every replica obeys within a second. With --ticket and --customer, the links of that customer user for that ticket.

                  otalink link revoke 0198c2f0-0000-7000-8000-000000000001 --reason 'sent to the wrong person'
                  otalink link revoke --customer anna@example.org --reason 'her mailbox was broken into'
                """)

        @Argument(help: "Id of the link, as the logs and lists name it.") var id: String?
        @Option(help: "Number of the ticket whose links are all taken back.") var ticket: String?
        @Option(help: "Login of the customer user whose links are all taken back.") var customer: String?
        @Option(help: "Why, for the audit trail.") var reason = "revoked by an operator"
        @OptionGroup var output: ResultOptions

        func validate() throws {
            guard (id == nil) != (ticket == nil && customer == nil) else {
                throw ValidationError("Name either the id of a link, or a ticket, a customer user or both.")
            }
            if let id, UUID(uuidString: id) == nil { throw ValidationError("\(id) is not the id of a link.") }
            if let ticket, TicketNumber(ticket) == nil { throw ValidationError("\(ticket) is not a ticket number.") }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let links = surroundings.store.links
                guard let uuid = id.flatMap(UUID.init(uuidString:)) else {
                    let count = try await links.revokeAll(
                        ticketNumber: ticket.flatMap(TicketNumber.init), customerLogin: customer, reason: reason,
                        actor: Surroundings.operatorName, context: .none)
                    return try output.print("revoked", count, line: "\(count) revoked.")
                }
                let isRevoked = try await links.revoke(
                    id: uuid, reason: reason, actor: Surroundings.operatorName, context: .none)
                try output.print(
                    "revoked", isRevoked ? 1 : 0,
                    line: isRevoked ? "Revoked." : "There is no such link, or it was revoked before.")
            }
        }
    }
}

/// No link was made; the reason in one line.
struct Refused: Error, CustomStringConvertible {
    let explanation: String

    var description: String { "No link was made: \(explanation)" }
}

extension IssueRefusal {
    /// What an operator reads.
    var explanation: String {
        switch self {
        case .customerUnknown: "there is no customer user of that login. See: otalink customer list"
        case .customerInvalid: "the customer user is switched off."
        case .ticket(.invisible):
            "the desk does not show us the ticket. It is unknown, deleted, or our agent may not read it."
        case .ticket(.removed): "the ticket was removed."
        case .ticket(.mergedIntoUnknown): "the ticket was merged into one that could not be found."
        case .ticket(.customerChanged): "the ticket belongs to another customer user."
        case .ticket(.closeTimeUnknown): "the ticket is closed, and the desk does not say since when."
        case .ticket(.closedTooLong): "the ticket has been closed for longer than \(SettingName.accessDaysAfterClose)."
        }
    }
}
