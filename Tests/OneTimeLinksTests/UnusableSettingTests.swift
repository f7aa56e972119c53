import Testing

@testable import OneTimeLinks

@Suite("Settings that somebody has typed into the database")
struct UnusableSettingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let value: String
        let read: @Sendable (Settings) -> String
        var testDescription: String { "\(name) = \(value)" }

        init(_ name: String, _ value: String, read: @escaping @Sendable (Settings) -> String) {
            self.name = name
            self.value = value
            self.read = read
        }
    }

    @Test("What a number takes is said as it is: nothing stands for 0 only where 0 is taken")
    func emptyForZero() {
        for definition in SettingDefinition.all {
            guard case .number(let range) = definition.format else { continue }
            let isTaken = definition.objection(to: "") == nil
            #expect(isTaken == range.contains(0), "\(definition.name)")
            #expect(definition.format.description.contains("empty for 0") == isTaken, "\(definition.name)")
        }
    }

    static let rows: [Row] = [
        Row(SettingName.accessDaysAfterClose, "abc") { "\($0.link.accessDaysAfterClose)" },
        Row(SettingName.accessDaysAfterClose, "-1") { "\($0.link.accessDaysAfterClose)" },
        Row(SettingName.accessDaysAfterClose, "99999999999999999999") { "\($0.link.accessDaysAfterClose)" },
        Row(SettingName.accessDaysAfterClose, "14 days") { "\($0.link.accessDaysAfterClose)" },
        Row(SettingName.linkLifetime, "abc") { "\($0.link.linkLifetimeDays)" },
        Row(SettingName.sessionIdleTime, "8h") { "\($0.link.sessionIdleTime)" },
        Row(SettingName.sessionIdleTime, "") { "\($0.link.sessionIdleTime)" },
        Row(SettingName.sessionIdleTime, "0") { "\($0.link.sessionIdleTime)" },
        Row(SettingName.sessionLifetime, "9223372036854775807") { "\($0.link.sessionLifetime)" },
        Row(SettingName.refreshMailsPerMinute, "x") { "\($0.link.refreshMailsPerMinute)" },
        Row(SettingName.refreshMailsPerHour, "0") { "\($0.link.refreshMailsPerHour)" },
        Row(SettingName.refreshMailsPerClientAndHour, "many") { "\($0.refreshMailsPerClientAndHour)" },
        Row(SettingName.linkWishesPerClientAndHour, "0") { "\($0.linkWishesPerClientAndHour)" },
        Row(SettingName.wrongTokensPerClientAndMinute, "x") { "\($0.wrongTokensPerClientAndMinute)" },
        Row(SettingName.apiCallsPerMinute, "6k") { "\($0.apiCallsPerMinute)" },
        Row(SettingName.auditTrailDays, "a year") { "\($0.auditTrailDays)" },
        Row(SettingName.signingKeyDays, "90d") { "\($0.signingKeyDays)" },
        Row(SettingName.newAccountsPerHour, "x") { "\($0.newAccountsPerHour)" },
        Row(SettingName.newAccountsPerDomainAndHour, "x") { "\($0.newAccountsPerDomainAndHour)" },
        Row(SettingName.firstLinksPerAddressAndHour, "0") { "\($0.firstLinksPerAddressAndHour)" },
        Row(SettingName.plainURLWithPassword, "no") { "\($0.link.plainURLWithPassword)" },
        Row(SettingName.mailFirstLink, "yes") { "\($0.mailsFirstLink)" },
        Row(SettingName.landing, "desk") { "\($0.landing)" },
        Row(SettingName.linksPerAPIKeyAndHour, "x") { "\($0.linksPerAPIKeyAndHour)" },
        Row(SettingName.unnamedAuthenticationResults, "yes") {
            $0.text(SettingName.unnamedAuthenticationResults) ?? ""
        },
        Row(SettingName.foreignHosts, "421") { "\($0.refusesForeignHosts)" },
        Row(SettingName.deleteExpiredSchedule, "at four") {
            "\($0.deleteExpiredSchedule == CronSchedule("0 4 * * *"))"
        },
        Row(SettingName.tokenRefreshNotificationID, "99999999999") {
            "\(String(describing: $0.tokenRefreshNotificationID))"
        },
        Row(SettingName.createCustomerUser, "{") { "\(String(describing: $0.createCustomerUser))" },
        Row(SettingName.customerDatabase, "[]") { "\(String(describing: $0.customerDatabase))" },
        Row(SettingName.queueSenders, "x") { "\(String(describing: $0.sender(ofQueue: "Raw")))" },
        Row(SettingName.fieldPrefix, "X-") { $0.text(SettingName.fieldPrefix) ?? "" },
        Row(SettingName.subjectFormat, "") { $0.text(SettingName.subjectFormat) ?? "" },
        Row(SettingName.defaultLanguage, "Deutsch") { $0.text(SettingName.defaultLanguage) ?? "" },
    ]

    @Test("What cannot be used counts as the default, and is told of", arguments: rows)
    func unusable(_ row: Row) {
        let settings = Settings(rows: [(row.name, row.value)])
        #expect(row.read(settings) == row.read(Settings()))
        #expect(settings.unusable.map(\.name) == [row.name] && settings.unusable.map(\.value) == [row.value])
        #expect(settings.text(row.name) == Settings().text(row.name))
    }

    @Test("Every format with a number, a choice or a structure is in the table")
    func complete() {
        let wanted = SettingDefinition.all.filter { !$0.format.canUse("\u{1F680}") }.map(\.name)
        #expect(Set(Self.rows.map(\.name)).isSuperset(of: wanted))
    }

    @Test("A text that is too long is a text all the same")
    func longTexts() {
        let addresses = (0..<50).map { "desk\($0)@example.org" }.joined(separator: ", ")
        let settings = Settings(rows: [(SettingName.deskAddresses, addresses)])
        #expect(settings.deskAddresses.count == 50 && settings.unusable.isEmpty)
    }

    @Test(
        "The name of a mail server is one word; one that was stored otherwise counts all the same, since without it every sender is believed",
        arguments: ["mx desk", "mx.example.org, mx2.example.org", "mx.example.org;", "\"mx\"", "mx\u{A0}1", "mx\t"])
    func mailServer(name: String) throws {
        let definition = try #require(SettingDefinition.named(SettingName.authenticationServer))
        #expect(definition.objection(to: name)?.contains("single word") == true)
        for name in ["mx.example.org", "MX-1", "b\u{FC}cher.example", ""] {
            #expect(definition.objection(to: name) == nil)
        }
        let settings = Settings(rows: [(SettingName.authenticationServer, name)])
        #expect(settings.text(SettingName.authenticationServer) == name && settings.unusable.isEmpty)
    }

    @Test("Names that are alike but for their normalisation are names of their own, and no setting of ours")
    func names() {
        let settings = Settings(rows: [
            ("caf\u{E9}", "1"), ("cafe\u{301}", "2"), (SettingName.helpDeskName, "Desk"),
            ("Landing\u{301}", "desk"), (SettingName.linkLifetime, "7"),
        ])
        #expect(settings.text(SettingName.helpDeskName) == "Desk" && settings.link.linkLifetimeDays == 7)
        #expect(settings.unknownNames.count == 3 && settings.unusable.isEmpty)
    }
}
