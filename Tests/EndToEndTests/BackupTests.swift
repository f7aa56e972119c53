import CurlClient
import Foundation
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Backup and restore, as documented", .timeLimit(.minutes(10)))
struct BackupTests {
    /// What customers had in hand when the backup was taken.
    private struct Before: Sendable {
        /// Signed in by `used`.
        let anna: Browser
        /// The ticket of the used link and of the session, and that of the unused ones.
        let tickets: [String]
        let used: String
        let unused: String
        let superseded: String
    }

    private func prepare(_ deployment: Deployment) async throws -> Before {
        let tickets = [try await deployment.annasTicket(), try await deployment.annasTicket()]
        let used = try await deployment.link(ticket: tickets[0])
        let anna = deployment.browser()
        #expect(try await anna.press(try await anna.get(used)).status == 303)
        let superseded = try await deployment.link(ticket: tickets[1])
        return Before(
            anna: anna, tickets: tickets, used: used, unused: try await deployment.link(ticket: tickets[1]),
            superseded: superseded)
    }

    /// Restores a backup on another server, where no role of ours is known, and gives the environment of a replica there.
    private func withRestored(
        _ deployment: Deployment, _ folder: String, _ procedure: Procedure, old: Bool,
        _ body: @escaping @Sendable (TestDatabase, [String: String]) async throws -> Void
    ) async throws {
        try await PostgresCluster(settings: []).database { (restored) async throws in
            let environment = deployment.environment.merging(["OTALINK_DATABASE_URL": restored.url]) { $1 }
            let said = try await procedure.run("Restore", in: folder, environment: environment)
            #expect(said.output.contains("All applied migrations are as their files say."))
            let role = try await restored.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'otalink_inspector'")
            #expect(role == "1")
            if old {
                try await restored.psql(
                    try procedure.commands("If the backup is older than the loss", language: "sql"))
            }
            try await body(restored, environment)
        }
    }

    @Test(
        "On another server links of before sign in once, used ones stay used, sessions go on, and new links are newer")
    func restore() async throws {
        let procedure = try Procedure("backup.md")
        try await withDeployment { (deployment) async throws in
            let before = try await prepare(deployment)
            try await withTemporaryFolder { (folder) async throws in
                try await procedure.run("Take a backup", in: folder, environment: deployment.environment)
                for replica in deployment.replicas {
                    replica.process.terminate()
                    _ = await replica.process.finished()
                }
                try await withRestored(deployment, folder, procedure, old: false) { (_, environment) async throws in
                    try await withRunningReplicas([environment, environment]) { (replicas) async throws in
                        for replica in replicas {
                            before.anna.turn(to: replica.url)
                            #expect(try await before.anna.get("/t/\(before.tickets[0])").status == 200)
                        }
                        let other = Browser(client: deployment.client, base: replicas[0].url)
                        let again = try await other.press(try await other.get(before.used))
                        #expect(again.status == 200 && again.text.contains("new link"))
                        #expect(try await other.press(try await other.get(before.superseded)).status == 410)
                        #expect(try await other.press(try await other.get(before.unused)).status == 303)
                        other.turn(to: replicas[1].url)
                        #expect(try await other.get("/t/\(before.tickets[1])").status == 200)
                        let thief = Browser(client: deployment.client, base: replicas[1].url)
                        #expect(try await thief.press(try await thief.get(before.unused)).status == 200)
                        // The sequence goes on where it was: what is issued now is the newest.
                        let issued = try await ChildProcess.run(
                            Deployment.program,
                            ["link", "issue", "--ticket", before.tickets[1], "--customer", "anna@example.org"],
                            environment: environment)
                        let link = try #require(issued.output.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)).output
                        #expect(try await thief.press(try await thief.get(before.unused)).status == 410)
                        #expect(try await thief.press(try await thief.get(String(link))).status == 303)
                    }
                }
            }
        }
    }

    @Test("From a backup that is older than the loss, what was used since signs nobody in a second time")
    func older() async throws {
        let procedure = try Procedure("backup.md")
        try await withDeployment { (deployment) async throws in
            let before = try await prepare(deployment)
            try await withTemporaryFolder { (folder) async throws in
                try await procedure.run("Take a backup", in: folder, environment: deployment.environment)
                // After it: the unused link is used, and another one is made.
                let since = deployment.browser()
                #expect(try await since.press(try await since.get(before.unused)).status == 303)
                let unknown = try await deployment.link(ticket: before.tickets[0])
                try await withRestored(deployment, folder, procedure, old: true) {
                    (restored, environment) async throws in
                    try await withRunningReplicas([environment]) { (replicas) async throws in
                        let thief = Browser(client: deployment.client, base: replicas[0].url)
                        let answer = try await thief.press(try await thief.get(before.unused))
                        #expect(answer.status == 200 && answer.text.contains("new link"))
                        let mail = try await deployment.sink.nextMail { _ in true }
                        #expect(mail.recipients == ["anna@example.org"])
                        #expect(try await thief.press(try await thief.get(unknown)).status == 410)
                        before.anna.turn(to: replicas[0].url)
                        #expect(try await before.anna.get("/t/\(before.tickets[0])").status == 401)
                        #expect(
                            try await restored.psql("SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL")
                                == "0")
                    }
                }
            }
        }
    }

    @Test("With other secret keys a restored database signs nobody in")
    func withoutKeys() async throws {
        let procedure = try Procedure("backup.md")
        try await withDeployment { (deployment) async throws in
            let before = try await prepare(deployment)
            try await withTemporaryFolder { (folder) async throws in
                try await procedure.run("Take a backup", in: folder, environment: deployment.environment)
                try await withRestored(deployment, folder, procedure, old: false) { (_, environment) async throws in
                    let stolen = environment.merging(["OTALINK_SECRET_KEYS": KeyRing.generateSecret()]) { $1 }
                    try await withRunningReplicas([stolen]) { (replicas) async throws in
                        let thief = Browser(client: deployment.client, base: replicas[0].url)
                        #expect(try await thief.get(before.unused).status == 410)
                        before.anna.turn(to: replicas[0].url)
                        #expect(try await before.anna.get("/t/\(before.tickets[0])").status == 401)
                    }
                    let doctor = try await ChildProcess(Deployment.program, ["doctor"], environment: stolen).finished()
                    #expect(doctor.status == 1 && doctor.output.contains("signed by keys that are not in the ring"))
                }
            }
        }
    }
}
