import Catalogue
import Foundation
import OneTimeLinks

/// A tag that may stand in a notification, as the OTOBO family writes it: `<OTOBO_NAME>` or `<OTRS_NAME>`.
public struct NotificationTag: Sendable {
    /// What a tag is replaced by.
    enum Value: Sendable {
        /// One line; nil: nothing is known.
        case line(@Sendable (NotificationFacts) -> String?)
        /// The first characters of the latest article's subject.
        case articleSubject
        /// The first lines of the latest article.
        case articleBody
        /// The customer's way to the ticket.
        case link
    }

    /// What stands between `OTOBO_` and the end.
    public let name: String
    /// For the documentation.
    public let meaning: String
    let value: Value

    private init(_ name: String, _ meaning: String, _ value: Value) {
        self.name = name
        self.meaning = meaning
        self.value = value
    }

    private init(_ name: String, _ meaning: String, line: @escaping @Sendable (NotificationFacts) -> String?) {
        self.init(name, meaning, .line(line))
    }

    /// The tag as it is written, `[n]` where a number may follow.
    public var spelling: String {
        switch value {
        case .line, .link: "<OTOBO_\(name)>"
        case .articleSubject, .articleBody: "<OTOBO_\(name)[n]>"
        }
    }

    var isOfArticle: Bool {
        switch value {
        case .line, .link: false
        case .articleSubject, .articleBody: true
        }
    }

    /// The tag of that name, in upper or lower case.
    static func named(_ name: some StringProtocol) -> NotificationTag? { byName[name.lowercased()] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name.lowercased(), $0) })

    /// Every tag there is, in the order in which it is documented.
    public static let all: [NotificationTag] = links + ticket + customer + articles + configuration

    private static let links: [NotificationTag] = [
        .init(
            "OTACustomerTicketLink",
            "The customer's link; for a person with a password the desk's own page. Nothing in a subject.", .link)
    ]

    private static let ticket: [NotificationTag] = [
        .init("TICKET_TicketNumber", "Number of the ticket.") { ($0.ticket?.number ?? $0.ticketNumber).text },
        .init("TICKET_TicketID", "The desk's own id of the ticket.") { $0.ticket.map { String($0.ticketID) } },
        .init("TICKET_Title", "Title.") { $0.ticket.map { MailLine.withoutAddresses($0.title) } },
        .init("TICKET_Queue", "Queue.") { $0.ticket?.queue },
        .init("TICKET_State", "State by name, in the desk's own words.") { $0.ticket?.state },
        .init("TICKET_StateType", "Kind of the state: new, open, closed and so on.") { $0.ticket?.stateType.text },
        .init("TICKET_CustomerID", "Company or group of the ticket's customer user.") { $0.ticket?.customerID },
        .init("TICKET_CustomerUserID", "Login of the ticket's customer user.") { $0.ticket?.customerLogin },
    ]

    private static let customer: [NotificationTag] = [
        .init("CUSTOMER_DATA_UserFirstname", "First name of the customer user.") {
            $0.customer.flatMap { MailLine.harmless($0.firstName) }
        },
        .init("CUSTOMER_DATA_UserLastname", "Last name.") { $0.customer.flatMap { MailLine.harmless($0.lastName) } },
        .init("CUSTOMER_DATA_UserFullname", "Both names.") { $0.customer.flatMap { MailLine.harmless($0.fullName) } },
        .init("CUSTOMER_DATA_UserEmail", "Mail address.") { $0.customer?.email },
        .init("CUSTOMER_DATA_UserLogin", "Login.") { $0.customer?.login },
        .init("CUSTOMER_DATA_UserCustomerID", "Company or group.") { $0.customer?.customerID },
        .init("CUSTOMER_REALNAME", "Both names.") { $0.customer.flatMap { MailLine.harmless($0.fullName) } },
    ]

    private static let articles: [NotificationTag] = [
        .init(
            "CUSTOMER_SUBJECT",
            "Subject of the latest article that the customer may read, up to n characters; without `[n]` all of it.",
            .articleSubject),
        .init("CUSTOMER_BODY", "The first n lines of that article; without `[n]` all of it.", .articleBody),
    ]

    private static let configuration: [NotificationTag] = [
        .init("CONFIG_HttpType", "https or http, from `OTALINK_DESK_TICKET_URL`.") { $0.deskAddress?.scheme },
        .init("CONFIG_FQDN", "The desk's host, from the same.") { facts in
            guard let address = facts.deskAddress, let host = address.host else { return nil }
            return address.port.map { "\(host):\($0)" } ?? host
        },
        .init("CONFIG_ScriptAlias", "The path before `customer.pl`, from the same.") { facts in
            guard let path = facts.deskAddress?.path, let slash = path.lastIndex(of: "/") else { return nil }
            return String(path[...slash].drop { $0 == "/" })
        },
        .init("CONFIG_Ticket::Hook", "The setting `Ticket::Hook`.") { $0.settings.text(SettingName.ticketHook) },
        .init("CONFIG_Ticket::HookDivider", "The setting `Ticket::HookDivider`.") {
            $0.settings.text(SettingName.ticketHookDivider)
        },
        .init("CONFIG_ProductName", "The setting `HelpDeskName`.") { $0.settings.text(SettingName.helpDeskName) },
        .init("CONFIG_Organization", "The setting `HelpDeskName`.") { $0.settings.text(SettingName.helpDeskName) },
        .init("CONFIG_NotificationSenderName", "The setting `HelpDeskName`.") {
            $0.settings.text(SettingName.helpDeskName)
        },
        .init("CONFIG_NotificationSenderEmail", "The address in `OTALINK_MAIL_FROM`.") { $0.sender },
    ]
}

extension NotificationFacts {
    /// What the desk's own settings of the same names say.
    fileprivate var deskAddress: URLComponents? { deskURL.flatMap { URLComponents(string: $0) } }
}
