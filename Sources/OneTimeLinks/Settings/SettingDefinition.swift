import Foundation

/// A setting that operators may change while the service runs.
public struct SettingDefinition: Sendable {
    /// The name; those of the add-on's manual mean here what they mean there.
    public let name: String
    /// Nil: there is no value unless one is set.
    public let defaultValue: String?
    /// One sentence for the operator.
    public let summary: String
    /// What a value must look like, in words.
    public let format: SettingFormat
    /// A text may be set for one language too, as `NAME@de`.
    public var isPerLanguage: Bool { format == .text && name.hasPrefix("OneTimeAuth::CustomerErrorMessage") }
}

/// What the value of a setting must look like.
public enum SettingFormat: Hashable, Sendable {
    /// Any text without control characters except line ends, up to 2,000 characters.
    case text
    /// One line of text up to 200 characters; empty is allowed.
    case line
    /// Nothing, or the name by which a mail server calls itself in `Authentication-Results` (RFC 8601, 2.5): one word.
    case authenticationServer
    /// Digits within the range, or nothing, which means 0.
    case number(ClosedRange<Int>)
    /// 0 or 1.
    case switchValue
    /// Five fields of a cron table.
    case schedule
    /// The id of a notification, or nothing.
    case notificationID
    /// Empty for off, or a JSON object with the keys of the add-on's filter.
    case createCustomerUser
    /// Empty for none, or a JSON object that says where the desk keeps its customer users.
    case customerDatabase
    /// Empty for none, or a JSON object from names of queues to mail addresses.
    case queueSenders
    /// A language that the catalogue has.
    case language
    /// One of these words.
    case choice([String])

    /// The format in words, for messages and the documentation.
    public var description: String {
        switch self {
        case .text: "a text of up to 2,000 characters"
        case .line: "one line of up to 200 characters"
        case .authenticationServer:
            "the authserv-id of one mail server, a single word such as mx.example.org, or empty for none"
        case .number(let range):
            "a whole number from \(range.lowerBound) to \(range.upperBound)"
                + (range.contains(0) ? ", or empty for 0" : "")
        case .switchValue: "0 or 1"
        case .schedule: "five fields as in a crontab: minute, hour, day of month, month, day of week"
        case .notificationID: "the number of a notification, or empty for none"
        case .createCustomerUser:
            "empty for off, or a JSON object with CustomerHeaderSpoofProtection, CustomerUserBackend, SetCheckBoxName"
        case .customerDatabase:
            "empty for none, or a JSON object with Backend and, if need be, Table, PreferencesTable, ForeignDB and Map, "
                + "whose values are names of columns"
        case .queueSenders: #"empty, or a JSON object such as {"Billing":"billing@example.org"}"#
        case .language: "a language tag such as en or de"
        case .choice(let words): "one of: \(words.joined(separator: ", "))"
        }
    }
}

extension SettingDefinition {
    /// Every setting there is, in the order in which it is documented.
    public static let all: [SettingDefinition] = [
        .init(
            name: SettingName.messageRefreshFailed, defaultValue: nil,
            summary: "Shown or mailed to the customer when a link could not be made. Unset: a built-in text in the "
                + "customer's language.", format: .text),
        .init(
            name: SettingName.messageNewLink, defaultValue: nil,
            summary: "Shown when a new link was mailed to the customer's address. Unset: a built-in text.",
            format: .text),
        .init(
            name: SettingName.messageLinkExpired, defaultValue: nil,
            summary: "Shown for an invalid link. Unset: a built-in text.", format: .text),
        .init(
            name: SettingName.messageWrongLink, defaultValue: nil,
            summary: "Shown for an old link while a newer one is active. Unset: a built-in text.", format: .text),
        .init(
            name: SettingName.accessDaysAfterClose, defaultValue: "14",
            summary:
                "Days that links keep working after the last close of the ticket; 0 or empty: they stop with the close.",
            format: .number(0...36_500)),
        .init(
            name: SettingName.tokenRefreshNotificationID, defaultValue: nil,
            summary: "The notification whose text is mailed when an old link was tried. Unset: a built-in text.",
            format: .notificationID),
        .init(
            name: SettingName.createCustomerUser, defaultValue: nil,
            summary: "Creates a customer user for a mail from an unknown sender. Unset or empty: off.",
            format: .createCustomerUser),
        .init(
            name: SettingName.customerBackends, defaultValue: nil,
            summary:
                "The names of all customer backends of the desk, separated by commas; our own is otalink. Nobody is "
                + "created until each can be read or was synchronised. Unset: nobody is created.", format: .line),
        .init(
            name: SettingName.customerDatabase, defaultValue: nil,
            summary: "The desk's own table of customer users in a PostgreSQL that we can reach: a JSON object with "
                + "Backend, its name, and where they differ from the family's, Table, PreferencesTable, ForeignDB and "
                + "Map. Unset: none.", format: .customerDatabase),
        .init(
            name: SettingName.ticketHook, defaultValue: "Ticket#",
            summary: "What stands before a ticket's number in subjects, as at the desk.", format: .line),
        .init(
            name: SettingName.ticketHookDivider, defaultValue: "",
            summary: "What stands between the hook and the number, as at the desk.", format: .line),
        .init(
            name: SettingName.subjectFormat, defaultValue: "Left",
            summary: "Where the hook stands in subjects, as at the desk; None: subjects mark no tickets.",
            format: .choice(["Left", "Right", "None"])),
        .init(
            name: SettingName.deskAddresses, defaultValue: nil,
            summary:
                "The addresses that customers write to, separated by commas; mails from them create nobody. The addresses "
                + "that our own mails come from count without being listed.", format: .line),
        .init(
            name: SettingName.deskMailingLists, defaultValue: nil,
            summary:
                "The mailing lists (their List-Id) by which people write to the desk, separated by commas; their mails count "
                + "as people's.", format: .line),
        .init(
            name: SettingName.archiveAddresses, defaultValue: nil,
            summary:
                "Addresses that get a copy of every mail of the desk (its SendmailBcc), separated by commas; their copies "
                + "carry no token.", format: .line),
        .init(
            name: SettingName.fieldPrefix, defaultValue: "both",
            summary:
                "What the header fields begin with that tell the desk who wrote a mail: OTOBO reads X-OTOBO-, Znuny and OTRS "
                + "read X-OTRS-, and each ignores the other.",
            format: .choice(["X-OTOBO-", "X-OTRS-", "both"])),
        .init(
            name: SettingName.newCustomerTimeZone, defaultValue: "UTC",
            summary: "Preference UserTimeZone of new customer users.", format: .line),
        .init(
            name: SettingName.newCustomerShowTickets, defaultValue: "25",
            summary: "Preference UserShowTickets of new customer users.", format: .line),
        .init(
            name: SettingName.newCustomerRefreshTime, defaultValue: "0",
            summary: "Preference UserRefreshTime of new customer users.", format: .line),
        .init(
            name: SettingName.newCustomerLanguage, defaultValue: nil,
            summary: "Preference UserLanguage of new customer users. Unset: their browsers decide.", format: .line),
        .init(
            name: SettingName.newAccountsPerHour, defaultValue: "0",
            summary:
                "Customer users created from mail within an hour; beyond that mails pass and create nobody. 0: any "
                + "number.", format: .number(0...1_000_000)),
        .init(
            name: SettingName.newAccountsPerDomainAndHour, defaultValue: "0",
            summary: "The same for senders of one domain. 0: any number.", format: .number(0...1_000_000)),
        .init(
            name: SettingName.authenticationServer, defaultValue: nil,
            summary:
                "Creates customer users only for senders whom this mail server (its authserv-id) has authenticated by "
                + "DMARC, or where it reports none, by SPF or DKIM of their organisation's domain. Unset: for all.",
            format: .authenticationServer),
        .init(
            name: SettingName.unnamedAuthenticationResults, defaultValue: "0",
            summary:
                "The same by Authentication-Results fields that name no server, as Microsoft 365 writes them; only if all mail "
                + "comes through a server that takes out those of others.", format: .switchValue),
        .init(
            name: SettingName.deleteExpiredSchedule, defaultValue: "0 4 * * *",
            summary: "When the links of long closed tickets are deleted, in the desk's time zone.", format: .schedule),
        .init(
            name: SettingName.linkLifetime, defaultValue: "14",
            summary: "Days that a link works; after that one click mails a fresh one. 0 or empty: no limit.",
            format: .number(0...36_500)),
        .init(
            name: SettingName.landing, defaultValue: "page",
            summary:
                "Where customers stand after the click: page, our own page of the ticket; forward-auth, the desk behind "
                + "a proxy that asks us who it is; openid-connect, the desk, which asks our OpenID Connect provider.",
            format: .choice(Landing.allCases.map(\.rawValue))),
        .init(
            name: SettingName.signingKeyDays, defaultValue: "90",
            summary: "Days that a key signs ID tokens before the next one takes its place.", format: .number(1...3_650)),
        .init(
            name: SettingName.sessionIdleTime, defaultValue: "480",
            summary: "Minutes without a request after which a session ends.", format: .number(1...43_200)),
        .init(
            name: SettingName.sessionLifetime, defaultValue: "1440",
            summary: "Minutes after the click at which the access ends that it gave.", format: .number(1...43_200)),
        .init(
            name: SettingName.refreshMailsPerMinute, defaultValue: "1",
            summary: "Refresh mails for one person and ticket within a minute.", format: .number(1...60)),
        .init(
            name: SettingName.refreshMailsPerHour, defaultValue: "5",
            summary: "Refresh mails for one person and ticket within an hour.", format: .number(1...600)),
        .init(
            name: SettingName.refreshMailsPerClientAndHour, defaultValue: "60",
            summary: "Refresh mails that one client causes within an hour, for all customers together. 0: any number.",
            format: .number(0...100_000)),
        .init(
            name: SettingName.linkWishesPerClientAndHour, defaultValue: "20",
            summary: "Requests for a new link from one client within an hour.", format: .number(1...100_000)),
        .init(
            name: SettingName.wrongTokensPerClientAndMinute, defaultValue: "30",
            summary:
                "Wrong tokens and wrong API keys together that a replica looks at from one client within a minute. 0: any number.",
            format: .number(0...1_000_000)),
        .init(
            name: SettingName.apiCallsPerMinute, defaultValue: "6000",
            summary: "Calls of the JSON interface with one API key within a minute, over all replicas. 0: any number.",
            format: .number(0...10_000_000)),
        .init(
            name: SettingName.linksPerAPIKeyAndHour, defaultValue: "3600",
            summary:
                "Links that are made with one API key within an hour, over all replicas; after that mails of the desk carry the "
                + "plain address. 0: any number.", format: .number(0...10_000_000)),
        .init(
            name: SettingName.mailFirstLink, defaultValue: "0",
            summary: "Mails the customer user of a new ticket their first link when the desk reports the ticket, "
                + "unless they have a password; for desks that do not mail themselves.", format: .switchValue),
        .init(
            name: SettingName.firstLinksPerAddressAndHour, defaultValue: "5",
            summary:
                "Mails about new tickets, with a link that nobody asked for, to one address within an hour, over all replicas.",
            format: .number(1...1_000)),
        .init(
            name: SettingName.queueSenders, defaultValue: nil,
            summary:
                "Authors of our mails about tickets of single queues: a JSON object from the queue's name to an address. "
                + "Unset: OTALINK_MAIL_FROM for all.", format: .queueSenders),
        .init(
            name: SettingName.auditTrailDays, defaultValue: "365",
            summary:
                "Days that events stay in the audit trail, and finished mails in the outbox; 0 or empty: for ever.",
            format: .number(0...36_500)),
        .init(
            name: SettingName.plainURLWithPassword, defaultValue: "1",
            summary: "Customer users who have a password get the plain ticket URL instead of a link.",
            format: .switchValue),
        .init(
            name: SettingName.foreignHosts, defaultValue: "log",
            summary:
                "Pages asked for under a host that is neither that of OTALINK_BASE_URL nor in OTALINK_HOSTS: log, they are "
                + "shown and noted; refuse, the answer is 421, as it will be by default in the next release.",
            format: .choice(["log", "refuse"])),
        .init(
            name: SettingName.helpDeskName, defaultValue: "Help Desk",
            summary: "The name that pages and mails carry.", format: .line),
        .init(
            name: SettingName.helpDeskContact, defaultValue: nil,
            summary: "A mail address or URL that the pages name for questions.", format: .line),
        .init(
            name: SettingName.defaultLanguage, defaultValue: "en",
            summary: "The language where neither the customer nor the browser names one.", format: .language),
    ]

    /// The definition of a setting, by its name; `NAME@de` finds a text that may be set per language.
    public static func named(_ name: String) -> SettingDefinition? {
        let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        // Byte for byte: to Swift, texts that differ in their normalisation alone are equal.
        guard let definition = all.first(where: { $0.name.utf8.elementsEqual(parts[0].utf8) }) else { return nil }
        guard parts.count == 2 else { return definition }
        let isLanguage = (2...8).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy { (97...122).contains($0) }
        return definition.isPerLanguage && isLanguage ? definition : nil
    }

    /// Nil when the value fits, else one sentence that says why it does not.
    public func objection(to value: String) -> String? {
        format.accepts(value) ? nil : "\(name) takes \(format.description)."
    }
}

/// The names of the settings.
public enum SettingName {
    public static let messageRefreshFailed = "OneTimeAuth::CustomerErrorMessageRefreshFailed"
    public static let messageNewLink = "OneTimeAuth::CustomerErrorMessageNewLink"
    public static let messageLinkExpired = "OneTimeAuth::CustomerErrorMessageLinkExpired"
    public static let messageWrongLink = "OneTimeAuth::CustomerErrorMessageWrongLink"
    public static let accessDaysAfterClose = "OneTimeAuth::AccessDaysAfterClose"
    public static let tokenRefreshNotificationID = "OneTimeAuth::TokenRefreshNotificationID"
    public static let createCustomerUser = "PostMaster::PreFilterModule###000-CreateCustomerUser"
    public static let customerBackends = "CustomerBackends"
    public static let customerDatabase = "CustomerDatabase"
    public static let ticketHook = "Ticket::Hook"
    public static let ticketHookDivider = "Ticket::HookDivider"
    public static let subjectFormat = "Ticket::SubjectFormat"
    public static let deskAddresses = "DeskAddresses"
    public static let deskMailingLists = "DeskMailingLists"
    public static let archiveAddresses = "ArchiveAddresses"
    public static let fieldPrefix = "FieldPrefix"
    public static let newCustomerTimeZone = "NewCustomerUser::UserTimeZone"
    public static let newCustomerShowTickets = "NewCustomerUser::UserShowTickets"
    public static let newCustomerRefreshTime = "NewCustomerUser::UserRefreshTime"
    public static let newCustomerLanguage = "NewCustomerUser::UserLanguage"
    public static let newAccountsPerHour = "NewCustomerUsersPerHour"
    public static let newAccountsPerDomainAndHour = "NewCustomerUsersPerDomainAndHour"
    public static let authenticationServer = "AuthenticationServer"
    public static let unnamedAuthenticationResults = "UnnamedAuthenticationResults"
    public static let deleteExpiredSchedule = "Daemon::SchedulerCronTaskManager::Task###DeleteExpiredOTATokens"
    public static let linkLifetime = "LinkLifetime"
    public static let landing = "Landing"
    public static let signingKeyDays = "SigningKeyDays"
    public static let sessionIdleTime = "SessionIdleTime"
    public static let sessionLifetime = "SessionLifetime"
    public static let refreshMailsPerMinute = "RefreshMailsPerMinute"
    public static let refreshMailsPerHour = "RefreshMailsPerHour"
    public static let refreshMailsPerClientAndHour = "RefreshMailsPerClientAndHour"
    public static let linkWishesPerClientAndHour = "LinkWishesPerClientAndHour"
    public static let wrongTokensPerClientAndMinute = "WrongTokensPerClientAndMinute"
    public static let apiCallsPerMinute = "APICallsPerMinute"
    public static let linksPerAPIKeyAndHour = "LinksPerAPIKeyAndHour"
    public static let mailFirstLink = "MailFirstLink"
    public static let firstLinksPerAddressAndHour = "FirstLinksPerAddressAndHour"
    public static let queueSenders = "QueueSenders"
    public static let auditTrailDays = "AuditTrailDays"
    public static let plainURLWithPassword = "PlainURLWithPassword"
    public static let foreignHosts = "ForeignHosts"
    public static let helpDeskName = "HelpDeskName"
    public static let helpDeskContact = "HelpDeskContact"
    public static let defaultLanguage = "DefaultLanguage"

    /// Preferences of the desk's own table, and the settings that they come from.
    public static let newCustomerPreferences: [(key: String, setting: String)] = [
        ("UserTimeZone", newCustomerTimeZone), ("UserShowTickets", newCustomerShowTickets),
        ("UserRefreshTime", newCustomerRefreshTime), ("UserLanguage", newCustomerLanguage),
    ]
}
