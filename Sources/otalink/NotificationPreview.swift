import ArgumentParser
import CurlClient
import Foundation
import LinkStore
import Notifications
import OneTimeLinks
import TicketSystem

extension NotificationCommand {
    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what a mail would say, with a link that leads nowhere.",
            discussion: """
                Asks the desk for the ticket. No link is made, and nothing is mailed or kept.

                  otalink notification preview 42 --ticket 2026112510000018
                """)

        @Argument(help: "Id of the notification.") var id: Int
        @Option(help: "Number of the ticket.") var ticket: String
        @Option(help: "Language, such as de; default: the customer user's.") var language: String?
        @OptionGroup var output: ResultOptions

        func run() async throws {
            guard let number = TicketNumber(ticket) else { throw ValidationError("\(ticket) is not a ticket number.") }
            try await Surroundings.with { surroundings in
                let notification = try await NotificationCommand.find(id, in: surroundings.store)
                let curl = surroundings.curlClient()
                let desk = OTOBOConnector(
                    configuration: try surroundings.environment.desk(), client: curl, logger: surroundings.logger)
                let letter = try await letter(notification, about: number, desk: desk, surroundings)
                await curl.close()
                try output.print(
                    [
                        "subject": "\(letter.subject)", "language": "\(letter.language)", "text": "\(letter.text)",
                        "html": "\(letter.html)",
                    ],
                    lines: [
                        "Subject: \(letter.subject)\nLanguage: \(letter.language)",
                        "\n--- text/plain\n\(letter.text)\n\n--- text/html\n\(letter.html)",
                    ])
            }
        }

        private func letter(
            _ notification: StoredNotification, about number: TicketNumber, desk: OTOBOConnector,
            _ surroundings: Surroundings
        ) async throws -> MailLetter {
            guard let ticket = try await desk.ticket(number: number).ticket else {
                throw ValidationError(IssueRefusal.ticket(.invisible).explanation)
            }
            let settings = try await surroundings.store.settings.read()
            var customer: CustomerUser?
            if let login = ticket.customerLogin {
                customer = try await surroundings.store.customerUsers.find(login: login)
            }
            let languages = [language, customer?.language, settings.text(SettingName.defaultLanguage)]
            guard let message = notification.message(in: languages.compactMap(\.self)) else {
                throw ValidationError("Notification \(id) has no text. See: otalink notification add --help")
            }
            var article: TicketArticle?
            if NotificationTags.asksForArticle(message) {
                article = try await desk.articles(ofTicket: ticket.ticketID).last
            }
            let environment = surroundings.environment
            let facts = NotificationFacts(
                link: try environment.baseURL().link(token: "PLACEHOLDER"), ticketNumber: number, ticket: ticket,
                customer: customer, article: article,
                deskURL: (try? environment.deskTicketURL()).map { $0 + number.text },
                sender: try? environment.mailSender().address, settings: settings)
            return NotificationTags(facts).letter(message)
        }
    }
}
