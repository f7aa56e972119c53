import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite("Changing the secret keys, as documented", .timeLimit(.minutes(10)))
struct KeyRotationTests {
    /// A deployment whose commands and further replicas have their keys in a file.
    private struct Rotation: Sendable {
        let deployment: Deployment
        let folder: String
        let procedure: Procedure
        let environment: [String: String]
        let ticket: String

        func step(_ heading: String) async throws -> String {
            try await procedure.run(heading, in: folder, environment: environment).output
        }

        func otalink(_ arguments: String...) async throws -> ChildProcess.Finished {
            try await ChildProcess(Deployment.program, arguments, environment: environment).finished()
        }

        /// A link that is made with the ring as it stands in the file.
        func link() async throws -> String {
            let issued = try await otalink("link", "issue", "--ticket", ticket, "--customer", "anna@example.org")
            return String(try #require(issued.output.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/), "\(issued.errors)").output)
        }

        func browser(on replica: RunningReplica) -> Browser {
            Browser(client: deployment.client, base: replica.url)
        }
    }

    private func withRotation(_ body: @escaping @Sendable (Rotation) async throws -> Void) async throws {
        let procedure = try Procedure("key-rotation.md")
        // The desk reports nothing: doctor fails, as it should, after an event with a key that was taken back.
        try await withDeployment(configureDesk: { $0.onEvent = { _ in } }) { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            try await withTemporaryFolder { (folder) async throws in
                let file = "\(folder)/secret-keys"
                let keys = try #require(deployment.environment["OTALINK_SECRET_KEYS"])
                try "\(keys)\n".write(toFile: file, atomically: false, encoding: .utf8)
                let environment = deployment.environment.merging([
                    "OTALINK_SECRET_KEYS": "", "OTALINK_SECRET_KEYS_FILE": file,
                ]) { $1 }
                try await body(
                    Rotation(
                        deployment: deployment, folder: folder, procedure: procedure, environment: environment,
                        ticket: ticket))
            }
        }
    }

    @Test("Step by step, with a replica behind at each, every link and session goes on; at the end the old key is gone")
    func rotation() async throws {
        try await withRotation { (rotation) async throws in
            let old = rotation.deployment.replicas[1]
            let first = try await rotation.link()
            let anna = rotation.browser(on: old)
            #expect(try await anna.press(try await anna.get(first)).status == 303)
            let waiting = try await rotation.link()

            _ = try await rotation.step("1. Let all replicas know the new key")
            // One replica is restarted, the other knows the old key alone: the ring signs with it still.
            try await withRunningReplicas([rotation.environment]) { (replicas) async throws in
                anna.turn(to: replicas[0].url)
                #expect(try await anna.get("/t/\(rotation.ticket)").status == 200)
                let between = try await rotation.link()
                for replica in [old, replicas[0]] {
                    #expect(try await rotation.browser(on: replica).get(between).status == 200)
                }
            }
            // Now one that has finished step 1, and one that has finished step 2.
            try await withRunningReplicas([rotation.environment]) { (behind) async throws in
                _ = try await rotation.step("2. Let the new key sign")
                try await withRunningReplicas([rotation.environment]) { (ahead) async throws in
                    let fresh = try await rotation.link()
                    let browser = rotation.browser(on: behind[0])
                    let page = try await browser.get(fresh)
                    browser.turn(to: ahead[0].url)
                    #expect(try await browser.press(page).status == 303)
                    browser.turn(to: behind[0].url)
                    #expect(try await browser.get("/t/\(rotation.ticket)").status == 200)
                    for replica in behind + ahead {
                        anna.turn(to: replica.url)
                        #expect(try await anna.get("/t/\(rotation.ticket)").status == 200)
                        #expect(try await rotation.browser(on: replica).get(waiting).status == 200)
                    }
                }
            }
            #expect(try await rotation.otalink("keys", "retire", try await signing(rotation)).status == 1)
            let retired = try await rotation.step("3. Wait until nothing needs the old key")
            #expect(retired.contains("3 links deleted, 0 of this key still sign in."))
            #expect(retired.split(separator: "\n").count { $0.hasSuffix("  0 links, 0 signing keys") } == 1)
            // The session of a deleted link is nobody's business here.
            #expect(try await rotation.deployment.database.psql("SELECT count(*) FROM otalink.open_sessions") == "2")
            _ = try await rotation.step("4. Take the old key out")
            let left = try await rotation.otalink("keys", "list").output
            #expect(left.split(separator: "\n").count == 1 && left.contains("  1 link, 0 signing keys  signs"))
            try await withRunningReplicas([rotation.environment]) { (replicas) async throws in
                #expect(try await rotation.browser(on: replicas[0]).get(waiting).status == 410)
                // Had anybody not waited, their session would have ended here.
                anna.turn(to: replicas[0].url)
                #expect(try await anna.get("/t/\(rotation.ticket)").status == 401)
            }
        }
    }

    private func signing(_ rotation: Rotation) async throws -> String {
        let listed = try await rotation.otalink("keys", "list").output
        return String(
            try #require(listed.firstMatch(of: /([0-9a-f]{8})  \d+ links?, \d+ signing keys?  signs/)).output.1)
    }

    @Test("Without the first step a replica that is behind refuses the links of one that is ahead")
    func unknownKey() async throws {
        try await withRotation { (rotation) async throws in
            _ = try await rotation.step("1. Let all replicas know the new key")
            _ = try await rotation.step("2. Let the new key sign")
            let fresh = try await rotation.link()
            #expect(try await rotation.browser(on: rotation.deployment.replicas[1]).get(fresh).status == 410)
        }
    }

    @Test("A link that still signs in keeps its key; one that is too old does not")
    func stillNeeded() async throws {
        try await withRotation { (rotation) async throws in
            _ = try await rotation.link()
            let key = try await signing(rotation)
            _ = try await rotation.step("1. Let all replicas know the new key")
            _ = try await rotation.step("2. Let the new key sign")
            let kept = try await rotation.otalink("keys", "retire", key)
            #expect(kept.output == "0 links deleted, 1 of this key still signs in.\n")
            try await rotation.deployment.database.psql(
                "UPDATE otalink.link SET created_at = now() - interval '15 days'")
            let gone = try await rotation.otalink("keys", "retire", key)
            #expect(gone.output == "1 link deleted, 0 of this key still sign in.\n")
            let told = "SELECT reason, actor LIKE 'operator %' FROM otalink.audit_event WHERE event = 'links.retired'"
            #expect(try await rotation.deployment.database.psql(told) == "1 link of the key \(key)|t")
        }
    }

    @Test("At once: with new keys alone, nothing of before signs in")
    func atOnce() async throws {
        try await withRotation { (rotation) async throws in
            let (first, waiting) = (try await rotation.link(), try await rotation.link())
            let anna = rotation.browser(on: rotation.deployment.replicas[0])
            #expect(try await anna.press(try await anna.get(waiting)).status == 303)
            let key = try await signing(rotation)
            _ = try await rotation.step("At once")
            try await withRunningReplicas([rotation.environment]) { (replicas) async throws in
                anna.turn(to: replicas[0].url)
                #expect(try await anna.get("/t/\(rotation.ticket)").status == 401)
                #expect(try await anna.get(first).status == 410)
                let fresh = try await rotation.link()
                #expect(try await anna.press(try await anna.get(fresh)).status == 303)
            }
            #expect(
                try await rotation.otalink("keys", "list").output.contains("\(key)  2 links, 0 signing keys  MISSING"))
            #expect(try await rotation.otalink("keys", "retire", key).output.hasPrefix("2 links deleted"))
        }
    }
}
