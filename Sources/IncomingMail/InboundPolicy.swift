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
            case "X-OTOBO-": ["X-OTOBO-"]
            case "X-OTRS-": ["X-OTRS-"]
            default: ["X-OTOBO-", "X-OTRS-"]
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
