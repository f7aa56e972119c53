import Foundation
import OneTimeLinks
import Testing

@Suite("Values of the domain")
struct ValueTests {
    @Test(
        "Ticket numbers",
        arguments: [
            ("2026112510000018", true), ("1", true), ("ABC-1_2", true), ("", false), ("1 2", false), ("1*", false),
            ("1%", false),
            ("١٢", false), ("1\n", false), ("1/2", false), (String(repeating: "1", count: 50), true),
            (String(repeating: "1", count: 51), false),
        ])
    func ticketNumbers(text: String, isOne: Bool) {
        #expect((TicketNumber(text) != nil) == isOne)
    }

    @Test(
        "Addresses are one mailbox if they differ in ASCII letters only",
        arguments: [
            ("Anna@Example.org", "anna@example.ORG", true), ("anna@example.org", "anna@example.com", false),
            // The Kelvin sign and the long s fold to ASCII letters in Unicode.
            ("\u{212A}im@example.org", "kim@example.org", false), ("mos\u{17F}@example.org", "moss@example.org", false),
            ("J\u{D6}RG@example.org", "j\u{F6}rg@example.org", false),
            ("e\u{301}@example.org", "\u{E9}@example.org", false),
        ])
    func addresses(left: String, right: String, isSame: Bool) {
        #expect(AddressIdentity.isSame(left, right) == isSame)
    }

    @Test("UUIDs of version 7 carry their time first, and sort by it")
    func uuids() {
        let early = UUID.version7(at: Date(timeIntervalSince1970: 1_795_600_000))
        let late = UUID.version7(at: Date(timeIntervalSince1970: 1_795_600_000.001))
        #expect(early.uuidString < late.uuidString)
        #expect(early.bytes[6] >> 4 == 7 && early.bytes[8] >> 6 == 2)
        #expect(early.bytes.prefix(6).reduce(0) { $0 << 8 | Int($1) } == 1_795_600_000_000)
        #expect(UUID(bytes: early.bytes) == early)
        #expect(UUID(bytes: early.bytes.dropLast()) == nil)
    }

    @Test(
        "Facts age",
        arguments: [(0, Freshness.fresh), (59, .fresh), (60, .usable), (899, .usable), (900, .stale), (-5, .fresh)])
    func freshness(age: TimeInterval, worth: Freshness) {
        let now = Date(timeIntervalSince1970: 1_795_600_000)
        #expect(TicketFacts(ticket: nil, readAt: now - age).freshness(at: now) == worth)
    }
}

@Suite("Settings")
struct SettingTests {
    @Test("Every default fits its own format, and names are unique")
    func defaults() {
        for definition in SettingDefinition.all {
            if let value = definition.defaultValue {
                #expect(definition.objection(to: value) == nil, "\(definition.name)")
            }
        }
        #expect(Set(SettingDefinition.all.map(\.name)).count == SettingDefinition.all.count)
    }

    @Test("The defaults of the rules are those of the definitions, and stored values go over them")
    func ruleSettings() {
        let defaults = SettingDefinition.all.reduce(into: [:]) { $0[$1.name] = $1.defaultValue }
        #expect(Settings(stored: defaults).link == LinkSettings())
        let changed = Settings(stored: [SettingName.sessionIdleTime: "5", SettingName.accessDaysAfterClose: ""]).link
        #expect(changed.sessionIdleTime == 300)
        #expect(changed.accessDaysAfterClose == 0)
    }

    @Test(
        "Values that fit and values that do not",
        arguments: [
            (
                SettingName.accessDaysAfterClose, ["", "0", "14", "007"],
                ["-1", "1.5", "x", " 1", "99999999999999999999"]
            ),
            (SettingName.sessionIdleTime, ["1", "480"], ["", "0", "43201"]),
            (
                SettingName.deleteExpiredSchedule, ["0 4 * * *", "@daily", "*/5 0-6,22 1 jan mon"],
                ["", "* * * *", "60 * * * *"]
            ),
            (SettingName.plainURLWithPassword, ["0", "1"], ["", "yes"]),
            (SettingName.helpDeskName, ["", "Desk"], ["two\nlines"]),
            (SettingName.messageNewLink, ["text\nmore"], ["\u{0}", String(repeating: "x", count: 2001)]),
            (
                SettingName.createCustomerUser,
                [
                    "", "{}", #"{"CustomerHeaderSpoofProtection":1,"SetCheckBoxName":"New"}"#,
                    #"{"CustomerHeaderSpoofProtection":"0"}"#,
                ],
                ["1", "{", #"{"Other":1}"#, #"{"SetCheckBoxName":"a b"}"#, #"{"CustomerHeaderSpoofProtection":2}"#]
            ),
            (
                SettingName.queueSenders, ["", "{}", #"{"Raw":"raw@example.org","Billing::EU":"b@example.org"}"#],
                [
                    "raw@example.org", #"{"Raw":"raw"}"#, #"{"Raw":"R <raw@example.org>"}"#, #"{"Raw":1}"#,
                    #"{"Raw":"a@localhost"}"#,
                ]
            ),
            (SettingName.defaultLanguage, ["de"], ["", "D", "de-AT"]),
            (SettingName.tokenRefreshNotificationID, ["", "12"], ["x", "-1"]),
        ])
    func values(name: String, good: [String], bad: [String]) throws {
        let definition = try #require(SettingDefinition.named(name))
        for value in good { #expect(definition.objection(to: value) == nil, "\(value)") }
        for value in bad { #expect(definition.objection(to: value) != nil, "\(value)") }
    }

    @Test("A message for a language is one setting, a number for a language is none")
    func languages() {
        #expect(SettingDefinition.named("\(SettingName.messageNewLink)@de") != nil)
        #expect(SettingDefinition.named("\(SettingName.messageNewLink)@DE") == nil)
        #expect(SettingDefinition.named("\(SettingName.linkLifetime)@de") == nil)
        let settings = Settings(stored: [
            "\(SettingName.messageNewLink)@de": "neu", SettingName.messageWrongLink: "wrong",
        ])
        #expect(settings.message(SettingName.messageNewLink, language: "de") == "neu")
        #expect(settings.message(SettingName.messageNewLink, language: "en") == nil)
        #expect(settings.message(SettingName.messageWrongLink, language: "en") == "wrong")
    }
}

@Suite("Schedules")
struct CronScheduleTests {
    private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

    private func date(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    @Test(
        "The next due time in Berlin",
        arguments: [
            ("0 4 * * *", "2026-11-25T02:59:59Z", "2026-11-25T03:00:00Z"),
            ("0 4 * * *", "2026-11-25T03:00:00Z", "2026-11-26T03:00:00Z"),
            ("*/20 * * * *", "2026-11-25T10:01:00Z", "2026-11-25T10:20:00Z"),
            ("15 10-12/2 * * *", "2026-11-25T09:16:00Z", "2026-11-25T11:15:00Z"),
            ("0 0 1 jan *", "2026-11-25T00:00:00Z", "2026-12-31T23:00:00Z"),
            ("0 12 * * sun", "2026-11-25T00:00:00Z", "2026-11-29T11:00:00Z"),
            ("0 12 * * 7", "2026-11-25T00:00:00Z", "2026-11-29T11:00:00Z"),
            // Both day fields: either matches.
            ("0 12 28 * mon", "2026-11-25T12:00:00Z", "2026-11-28T11:00:00Z"),
            ("0 0 29 2 *", "2026-11-25T00:00:00Z", "2028-02-28T23:00:00Z"),
            // Summer time begins on 29 March 2026 at 2:00: half past two is skipped and due at the change.
            ("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
            // It ends on 25 October 2026 at 3:00: half past two occurs twice and is due the first time only.
            ("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ])
    func next(schedule: String, after: String, due: String) throws {
        let schedule = try #require(CronSchedule(schedule))
        let found = try #require(schedule.next(after: try date(after), in: Self.berlin))
        #expect(found == (try date(due)))
        #expect(schedule.last(atOrBefore: found, in: Self.berlin) == found)
        #expect(try #require(schedule.last(atOrBefore: found - 1, in: Self.berlin)) <= (try date(after)))
    }

    @Test(
        "What is no schedule",
        arguments: [
            "", "*", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 31 2 *", "* * * 13 *", "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *", "a * * * *", "1,,2 * * * *", "* * * foo *",
        ])
    func refused(text: String) {
        #expect(CronSchedule(text) == nil)
    }
}
