import LinkStore
import MailMessage
import OneTimeLinks

/// How incoming mail is treated, from the settings.
public struct InboundPolicy: Sendable {
    /// Nil: nobody is created.
    public var create: CreateCustomerUserSetting?
    /// The desk's own addresses and those that our mails come from, canonical; mails from them are the desk's own.
    public var ownAddresses: Set<String>
    /// The mailing lists by which people write to the desk, see ``RobotRule/peoplesLists``.
    public var peoplesLists: Set<String>
    /// What the fields that we set begin with: the desk's family decides.
    public var fieldPrefixes: [String]
    /// How the desk marks tickets in subjects.
    public var hook: SubjectHook
    /// Preferences that a new account gets.
    public var preferences: [String: String]
    /// New accounts within an hour, at the most, and for one domain; 0: any number.
    public var newAccountsPerHour: Int
    public var newAccountsPerDomainAndHour: Int
    /// Accounts only for senders that this mail server of ours has authenticated; nil: for all.
    public var authentication: AuthenticationGate?

    /// The policy with the addresses that the replicas publish: what every road asks with.
    public init(settings: Settings, store: LinkStore) async throws {
        self.init(settings: settings, published: try await store.ownAddresses.read())
    }

    /// - Parameter published: the addresses that our own mails come from.
    public init(settings: Settings, published: Set<String> = []) {
        create = settings.createCustomerUser
        ownAddresses = settings.deskAddresses.union(published)
        peoplesLists = settings.deskMailingLists
        fieldPrefixes =
            switch settings.text(SettingName.fieldPrefix) {
            case "X-OTRS-": ["X-OTRS-"]
            case "both": ["X-OTOBO-", "X-OTRS-"]
            default: ["X-OTOBO-"]
            }
        hook = SubjectHook(settings: settings)
        preferences = SettingName.newCustomerPreferences.reduce(into: [:]) { preferences, pair in
            if let value = settings.text(pair.setting), !value.isEmpty { preferences[pair.key] = value }
        }
        newAccountsPerHour = settings.newAccountsPerHour
        newAccountsPerDomainAndHour = settings.newAccountsPerDomainAndHour
        authentication = AuthenticationGate(
            server: settings.text(SettingName.authenticationServer) ?? "",
            takesUnnamed: settings.text(SettingName.unnamedAuthenticationResults) == "1")
    }
}

/// How the desk marks a ticket in a subject: `[Ticket#2026112510000018]`.
public struct SubjectHook: Sendable, Hashable {
    /// `Ticket::Hook`.
    public var text: String
    /// `Ticket::HookDivider`.
    public var divider: String
    /// False where `Ticket::SubjectFormat` is `None`: then subjects say nothing.
    public var isUsed: Bool

    public init(settings: Settings) {
        self.init(
            text: settings.text(SettingName.ticketHook) ?? "",
            divider: settings.text(SettingName.ticketHookDivider) ?? "",
            isUsed: settings.text(SettingName.subjectFormat) != "None")
    }

    public init(text: String, divider: String, isUsed: Bool) {
        self.text = text
        self.divider = divider
        self.isUsed = isUsed
    }

    /// More digits than this are no ticket number.
    private static let mostDigits = 60

    /// The first ticket number behind the hook, wherever it stands and in whatever ASCII letters; the desk finds it so too.
    public func ticketNumber(in subject: String) -> TicketNumber? {
        let mark = Array(AddressIdentity.canonical(text + divider).utf8)
        guard isUsed, !mark.isEmpty else { return nil }
        let bytes = Array(AddressIdentity.canonical(subject).utf8)
        guard bytes.count > mark.count else { return nil }
        for start in 0...(bytes.count - mark.count) where bytes[start..<start + mark.count].elementsEqual(mark) {
            let digits = bytes[(start + mark.count)...].prefix(Self.mostDigits).prefix { (48...57).contains($0) }
            // A number of fewer digits is part of a sentence.
            if digits.count >= 4, let number = TicketNumber(String(decoding: digits, as: UTF8.self)) { return number }
        }
        return nil
    }
}
