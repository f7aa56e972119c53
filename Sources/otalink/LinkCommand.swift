import ArgumentParser
import CurlClient
import Foundation
import LinkStore
import OneTimeLinks

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Issue, list and revoke links.",
        subcommands: [IssueSubcommand.self, List.self, Revoke.self])

    struct IssueSubcommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue", abstract: "Print a new link for a customer user on a ticket.",
            discussion: "The link is active at once and takes the place of the person's older links for the ticket.")

        @Option(help: "Number of the ticket.") var ticket: String
        @Option(help: "Login of the customer user.") var customer: String

        func run() async throws {
            guard let number = TicketNumber(ticket) else { throw ValidationError("\(ticket) is not a ticket number.") }
            try await Surroundings.with { surroundings in
                let curl = surroundings.curlClient()
                let acts = try surroundings.acts(curl: curl)
                let answer = try await acts.issue(
                    ticketNumber: number, customerLogin: customer,
                    settings: try await surroundings.store.settings.read(), actor: Surroundings.operatorName,
                    context: .none)
                switch answer {
                case .issued(_, _, let token, _): print(try surroundings.environment.baseURL().link(token: token))
                case .plainURL(let ticket): print(try surroundings.environment.deskTicketURL() + ticket.number.text)
                case .refused(let refusal): throw Refused(explanation: refusal.explanation)
                }
                await curl.close()
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List links, the newest first.")

        @Option(help: "Number of the ticket.") var ticket: String?
        @Option(help: "Login of the customer user.") var customer: String?
        @Option(help: "How many at the most.") var limit = 50

        func run() async throws {
            try await Surroundings.with { surroundings in
                let links = try await surroundings.store.links.list(
                    ticketNumber: ticket.flatMap { TicketNumber($0) }, customerLogin: customer, limit: limit)
                for link in links {
                    print(
                        [
                            link.id.text, link.state, link.ticketNumber, link.customerLogin,
                            link.createdAt.ISO8601Format(),
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back a link, and the session that it opened.")

        @Argument(help: "Id of the link, as the logs and lists name it.") var id: String
        @Option(help: "Why, for the audit trail.") var reason = "revoked by an operator"

        func run() async throws {
            guard let uuid = UUID(uuidString: id) else { throw ValidationError("\(id) is not the id of a link.") }
            try await Surroundings.with { surroundings in
                let isRevoked = try await surroundings.store.links.revoke(
                    id: uuid, reason: reason, actor: Surroundings.operatorName, context: .none)
                print(isRevoked ? "Revoked." : "There is no such link, or it was revoked before.")
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
