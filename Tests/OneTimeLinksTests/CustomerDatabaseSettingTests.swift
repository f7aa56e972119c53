import OneTimeLinks
import Testing

@Suite("Where the desk keeps its customer users")
struct CustomerDatabaseSettingTests {
    @Test(
        "What is acceptable",
        arguments: [
            (#"{"Backend":"CustomerUser"}"#, true), (#"{"Backend":"B","Table":"schema.table"}"#, true),
            (#"{"Backend":"B","PreferencesTable":""}"#, true), (#"{"Backend":"B","ForeignDB":1}"#, true),
            (#"{"Backend":"B","Map":{"UserLogin":"uid","ValidID":""}}"#, true), (#"{"Backend":""}"#, false),
            (#"{"Backend":"otalink"}"#, false), (#"{"Table":"t"}"#, false), (#"{"Backend":"B","Tabel":"t"}"#, false),
            (#"{"Backend":"B","Table":"a\"; DROP TABLE x"}"#, false), (#"{"Backend":"B","Table":"a..b"}"#, false),
            (#"{"Backend":"B","Map":{"UserShoeSize":"x"}}"#, false),
            (#"{"Backend":"B","Map":{"UserLogin":""}}"#, false),
            (#"{"Backend":"B","Map":{"UserEmail":"e mail"}}"#, false), ("CustomerUser", false), ("[]", false),
        ])
    func values(text: String, isAcceptable: Bool) {
        #expect((CustomerDatabaseSetting(text) != nil) == isAcceptable)
        #expect((SettingDefinition.named(SettingName.customerDatabase)?.objection(to: text) == nil) == isAcceptable)
    }

    @Test("What is left out is as in the family's own tables")
    func defaults() throws {
        let setting = try #require(CustomerDatabaseSetting(#"{"Backend":"CustomerUser","Map":{"UserEmail":"mail"}}"#))
        #expect(setting.table == "customer_user")
        #expect(setting.preferencesTable == "customer_preferences")
        #expect(setting.columns.login == "login")
        #expect(setting.columns.email == "mail")
        #expect(setting.columns.validity == "valid_id")
    }

    @Test("The names of the desk's backends")
    func backends() {
        let settings = Settings(stored: [SettingName.customerBackends: " CustomerUser ,, My LDAP,otalink"])
        #expect(settings.customerBackends == ["CustomerUser", "My LDAP", "otalink"])
        #expect(Settings().customerBackends.isEmpty)
        #expect(CreateCustomerUserSetting(#"{"CustomerUserBackend":"otalink"}"#)?.backend == "")
    }
}
