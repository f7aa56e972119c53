import Foundation

/// The values of all settings at a moment: what operators have set, over the defaults.
public struct Settings: Hashable, Sendable {
    private let values: [String: String]

    /// What the rules look at.
    public let link: LinkSettings

    /// Stored values that cannot be used, by name; the defaults count in their place.
    public let unusable: [UnusableSetting]

    /// Stored names that this version does not know, in order; nothing looks at them.
    public let unknownNames: [String]

    /// From what is stored under each name.
    public init(stored values: [String: String] = [:]) {
        self.init(rows: values.map { ($0.key, $0.value) })
    }

    /// From the rows of the table, where anybody with `psql` can write anything: what does not fit its definition counts as
    /// if it were not there. Names are compared byte for byte, as the database compares them.
    public init(rows: [(name: String, value: String)]) {
        var values: [String: String] = [:]
        var unusable: [UnusableSetting] = []
        var unknown: [String] = []
        for (name, value) in rows {
            guard let definition = SettingDefinition.named(name) else {
                unknown.append(name)
                continue
            }
            if definition.format.canUse(value) {
                values[name] = value
            } else {
                unusable.append(UnusableSetting(name: name, definition: definition, value: value))
            }
        }
        self.values = values
        self.unusable = unusable.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        unknownNames = unknown.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        link = LinkSettings(values)
    }

    /// The value of a setting, or its default, or nil.
    public func text(_ name: String) -> String? {
        values[name] ?? Self.defaults[name]
    }

    private static let defaults: [String: String] = SettingDefinition.all.reduce(into: [:]) { defaults, definition in
        defaults[definition.name] = definition.defaultValue
    }

    /// The value of a setting that is a number, or its default.
    private func number(_ name: String) -> Int { Self.number(name, in: values) }

    fileprivate static func number(_ name: String, in values: [String: String]) -> Int {
        // What cannot be used is not among the values: these are digits within the setting's range, or nothing, which is 0.
        Int(values[name] ?? defaults[name] ?? "") ?? 0
    }

    /// A message that was set for this language, or for all; nil: the built-in text is wanted.
    public func message(_ name: String, language: String) -> String? {
        if values.isEmpty { return nil }
        return [values["\(name)@\(language)"], values[name]].compactMap { $0 }.first { !$0.isEmpty }
    }

    /// The names of messages that were set for one language, such as `NAME@de`, in order, each with its language.
    public var messagesOfOneLanguage: [(name: String, language: String)] {
        values.keys.sorted().compactMap { name in
            let parts = name.split(separator: "@", maxSplits: 1)
            return parts.count == 2 ? (name, String(parts[1])) : nil
        }
    }

    /// What the filter for incoming mail looks at; nil: it creates nobody.
    public var createCustomerUser: CreateCustomerUserSetting? {
        text(SettingName.createCustomerUser).flatMap(CreateCustomerUserSetting.init)
    }

    /// `CustomerBackends`: the names of all that the desk has; empty: nobody has said.
    public var customerBackends: [String] {
        (text(SettingName.customerBackends) ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// `CustomerDatabase`: the desk's own table, where we can reach it.
    public var customerDatabase: CustomerDatabaseSetting? {
        text(SettingName.customerDatabase).flatMap(CustomerDatabaseSetting.init)
    }

    /// `ArchiveAddresses`, canonical: they get the desk's mails without tokens.
    public var archiveAddresses: Set<String> { addresses(SettingName.archiveAddresses) }

    /// `DeskAddresses` and the authors of `QueueSenders`, canonical: the desk's own.
    public var deskAddresses: Set<String> {
        let senders = text(SettingName.queueSenders).flatMap(Self.queueSenders) ?? [:]
        return addresses(SettingName.deskAddresses).union(senders.values.map(AddressIdentity.canonical))
    }

    /// `DeskMailingLists`, in lower case and without angle brackets.
    public var deskMailingLists: Set<String> {
        Set(addresses(SettingName.deskMailingLists).map { $0.filter { !"<>".contains($0) } })
    }

    private func addresses(_ name: String) -> Set<String> {
        Set(
            (text(name) ?? "").split { $0 == "," || $0.isWhitespace }.map { AddressIdentity.canonical(String($0)) })
    }

    /// `QueueSenders`: the address that mails about tickets of a queue come from; nil: the one of all.
    public func sender(ofQueue queue: String) -> String? {
        text(SettingName.queueSenders).flatMap(Self.queueSenders)?[queue]
    }

    /// Nil when the value is not acceptable.
    static func queueSenders(_ value: String) -> [String: String]? {
        guard let senders = try? JSONDecoder().decode([String: String].self, from: Data(value.utf8)),
            senders.values.allSatisfy({ address in
                let parts = address.split(separator: "@", omittingEmptySubsequences: false)
                return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
                    && !address.contains(where: { $0.isWhitespace || "<>,;\"".contains($0) })
            })
        else { return nil }
        return senders
    }

    /// `Landing`.
    public var landing: Landing { text(SettingName.landing).flatMap(Landing.init) ?? .page }

    /// `ForeignHosts`.
    public var refusesForeignHosts: Bool { text(SettingName.foreignHosts) == "refuse" }

    /// `SigningKeyDays`.
    public var signingKeyDays: Int { number(SettingName.signingKeyDays) }

    /// `NewCustomerUsersPerHour`; 0: any number.
    public var newAccountsPerHour: Int { number(SettingName.newAccountsPerHour) }

    /// `NewCustomerUsersPerDomainAndHour`; 0: any number.
    public var newAccountsPerDomainAndHour: Int { number(SettingName.newAccountsPerDomainAndHour) }

    /// `LinkWishesPerClientAndHour`.
    public var linkWishesPerClientAndHour: Int { number(SettingName.linkWishesPerClientAndHour) }

    /// `RefreshMailsPerClientAndHour`; 0: any number.
    public var refreshMailsPerClientAndHour: Int { number(SettingName.refreshMailsPerClientAndHour) }

    /// `WrongTokensPerClientAndMinute`; 0: any number.
    public var wrongTokensPerClientAndMinute: Int { number(SettingName.wrongTokensPerClientAndMinute) }

    /// `APICallsPerMinute`; 0: any number.
    public var apiCallsPerMinute: Int { number(SettingName.apiCallsPerMinute) }

    /// `LinksPerAPIKeyAndHour`; 0: any number.
    public var linksPerAPIKeyAndHour: Int { number(SettingName.linksPerAPIKeyAndHour) }

    /// `MailFirstLink`: we mail the first link of a ticket ourselves.
    public var mailsFirstLink: Bool { text(SettingName.mailFirstLink) == "1" }

    /// `FirstLinksPerAddressAndHour`.
    public var firstLinksPerAddressAndHour: Int { number(SettingName.firstLinksPerAddressAndHour) }

    /// `AuditTrailDays`; 0: events are never deleted.
    public var auditTrailDays: Int { number(SettingName.auditTrailDays) }

    /// When expired links are deleted.
    public var deleteExpiredSchedule: CronSchedule? {
        text(SettingName.deleteExpiredSchedule).flatMap(CronSchedule.init)
    }

    /// The notification whose text a refresh mail has; nil: the built-in one.
    public var tokenRefreshNotificationID: Int? {
        text(SettingName.tokenRefreshNotificationID).flatMap(Int.init)
    }
}

extension LinkSettings {
    /// From usable values, over the defaults.
    fileprivate init(_ values: [String: String]) {
        func number(_ name: String) -> Int { Settings.number(name, in: values) }
        self.init()
        accessDaysAfterClose = number(SettingName.accessDaysAfterClose)
        linkLifetimeDays = number(SettingName.linkLifetime)
        refreshMailsPerMinute = number(SettingName.refreshMailsPerMinute)
        refreshMailsPerHour = number(SettingName.refreshMailsPerHour)
        sessionIdleTime = TimeInterval(number(SettingName.sessionIdleTime)) * 60
        sessionLifetime = TimeInterval(number(SettingName.sessionLifetime)) * 60
        plainURLWithPassword = values[SettingName.plainURLWithPassword] != "0"
    }
}

/// The value of `PostMaster::PreFilterModule###000-CreateCustomerUser`.
public struct CreateCustomerUserSetting: Hashable, Sendable {
    /// Headers that name a customer user are set by us, whatever the sender wrote.
    public var spoofProtection: Bool
    /// The backend that new customer users are written to; empty: our own table.
    public var backend: String
    /// A dynamic field that marks the tickets of customer users of the backend; empty: none.
    public var checkBoxName: String

    /// Nil when the value is empty, which means off, or not acceptable.
    public init?(_ value: String) {
        guard let object = Self.object(value) else { return nil }
        spoofProtection = object["CustomerHeaderSpoofProtection"] != "0"
        let name = object["CustomerUserBackend"] ?? ""
        backend = name == CustomerDatabaseSetting.ownName ? "" : name
        checkBoxName = object["SetCheckBoxName"] ?? ""
    }

    static func isAcceptable(_ value: String) -> Bool {
        value.isEmpty || object(value) != nil
    }

    private static func object(_ value: String) -> [String: String]? {
        let keys: Set = ["CustomerHeaderSpoofProtection", "CustomerUserBackend", "SetCheckBoxName", "Module"]
        guard let object = try? JSONDecoder().decode([String: TextOrNumber].self, from: Data(value.utf8)),
            Set(object.keys).isSubset(of: keys)
        else { return nil }
        let texts = object.mapValues(\.text)
        guard ["0", "1"].contains(texts["CustomerHeaderSpoofProtection"] ?? "1"),
            (texts["SetCheckBoxName"] ?? "").utf8.allSatisfy(\.isLetterOrDigit)
        else { return nil }
        return texts
    }

    /// Operators write `1` and `"1"` alike.
    private struct TextOrNumber: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
