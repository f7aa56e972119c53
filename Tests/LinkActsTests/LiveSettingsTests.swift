import Foundation
import LinkActs
import Logging
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import ServiceLifecycle
import TestSupport
import Testing

@Suite("Settings while the service runs", .timeLimit(.minutes(10)))
struct LiveSettingsTests {
    @Test("A change is seen by every replica, also one typed into psql, and one made while nobody listened")
    func changes() async throws {
        try await withReplicas { replicas, _, database in
            try await replicas[0].store.settings.set(SettingName.helpDeskName, to: "First", by: "test")
            let settings = try await LiveSettings(store: replicas[1].store, logger: .quiet)
            #expect(settings.current.text(SettingName.helpDeskName) == "First")
            // Changed before anybody listens: read again when the connection is there.
            try await database.psql("UPDATE otalink.setting SET value = 'Second'")
            let listener = PostgresListener(
                PostgresConfiguration(url: database.url), channels: [LiveSettings.channel], logger: .quiet
            ) { settings.apply($0) }
            let group = ServiceGroup(configuration: .init(services: [settings, listener], logger: .quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await until { settings.current.text(SettingName.helpDeskName) == "Second" }
                try await replicas[0].store.settings.set(SettingName.helpDeskName, to: "Third", by: "test")
                try await until { settings.current.text(SettingName.helpDeskName) == "Third" }
                #expect(try await replicas[0].store.settings.reset(SettingName.helpDeskName, by: "test"))
                try await until { settings.current.text(SettingName.helpDeskName) == "Help Desk" }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    @Test("Whatever is typed into the table, a replica lives, takes the default, and says so once for each change")
    func unusable() async throws {
        try await withReplicas { replicas, _, database in
            try await database.psql(
                """
                INSERT INTO otalink.setting (name, value)
                VALUES ('caf' || chr(233), '1'), ('cafe' || chr(769), '2'), ('SessionIdleTime', '8h'), ('LinkLifetime', '7')
                """)
            let lines = LogLines()
            let settings = try await LiveSettings(
                store: replicas[0].store, logger: Logger(label: "test") { _ in lines })
            #expect(settings.current.link.sessionIdleTime == 8 * 3600 && settings.current.link.linkLifetimeDays == 7)
            #expect(lines.all.filter { $0.contains("SessionIdleTime") && !$0.contains("8h") }.count == 1)
            let group = ServiceGroup(configuration: .init(services: [settings], logger: .quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await database.psql("UPDATE otalink.setting SET value = 'abc' WHERE name = 'LinkLifetime'")
                settings.apply(.notification(channel: LiveSettings.channel, payload: ""))
                try await until { settings.current.link.linkLifetimeDays == 14 }
                try await until { lines.all.contains { $0.contains("LinkLifetime") } }
                // What was told of before is not told again.
                #expect(lines.all.filter { $0.contains("SessionIdleTime") }.count == 1)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    /// Bounded by the time limit of the suite.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await giveWay() }
    }
}
