import Foundation
import TestSupport
import Testing

@Suite("Asking a replica how it is", .timeLimit(.minutes(10)))
struct HealthCommandTests {
    @Test(
        "0 while it is ready; 1 and the reason where it is about to end, where nobody listens, and where somebody else does"
    )
    func answers() async throws {
        try await withDeployment(environment: ["OTALINK_DRAIN_SECONDS": "300"]) { (deployment) async throws in
            func health(_ arguments: String..., listen: String = "") async throws -> ChildProcess.Finished {
                try await ChildProcess(
                    Deployment.program, ["health"] + arguments, environment: ["OTALINK_LISTEN": listen]
                ).finished()
            }
            let replica = deployment.replicas[0]
            let port = try #require(replica.url.split(separator: ":").last)
            for listen in ["127.0.0.1:\(port)", "0.0.0.0:\(port)"] {
                let ready = try await health(listen: listen)
                #expect(ready.status == 0 && ready.errors == "")
                #expect(ready.output == "good  \(replica.url)/health/ready  ready for requests\n")
            }
            let json = try await health("--url", replica.url, "--live", "--json").output
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
            #expect(object["good"] as? Bool == true && object["status"] as? Int == 200)

            // A replica that is going answers, and says that it is not ready; it lives.
            replica.process.terminate()
            while try await health("--url", replica.url).status == 0 { try await giveWay() }
            let going = try await health("--url", replica.url)
            #expect(
                going.status == 1 && going.output.contains("not ready: it cannot reach its database, or it is about"))
            #expect(try await health("--url", replica.url, "--live").status == 0)
            for replica in deployment.replicas { replica.process.kill() }

            let nobody = try await health(listen: "127.0.0.1:\(try FreePort.find())")
            #expect(nobody.status == 1 && nobody.output.contains("nobody listens there"))
            let desk = try await health("--url", "http://127.0.0.1:\(deployment.deskPort)")
            #expect(desk.status == 1 && desk.output.contains("no replica of otalink"))
        }
    }

    @Test("The database's address may stand in a file, and an empty variable is one that nobody has set")
    func files() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "otalink-url-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try await PostgresCluster.shared().migratedDatabase(migrations: RepositoryRoot.path + "/migrations") {
            (database) async throws in
            try Data((database.url + "\n").utf8).write(to: file)
            let environment = [
                "OTALINK_DATABASE_URL": "", "OTALINK_DATABASE_URL_FILE": file.path, "OTALINK_DATABASE_CONNECTIONS": "",
                "OTALINK_LOG_FORMAT": "", "OTALINK_CUSTOMER_DATABASE_URL": "",
            ]
            let status = try await ChildProcess.run(
                Deployment.program, ["migrate", "status"], environment: environment)
            #expect(status.output.contains("applied  0001_first_tables"))
            let missing = try await ChildProcess(
                Deployment.program, ["migrate", "status"],
                environment: environment.merging(["OTALINK_DATABASE_URL_FILE": "/nowhere"]) { $1 }
            ).finished()
            #expect(missing.status != 0 && missing.errors.contains("OTALINK_DATABASE_URL_FILE names cannot be read"))
        }
    }

    @Test("Whoever starts a replica is told everything that is missing or wrong at once")
    func missing() async throws {
        let wanted = try DeploymentFiles.documentedVariables().filter(\.isRequired)
        let bare = try await ChildProcess(
            Deployment.program, ["serve"],
            environment: [
                "OTALINK_LISTEN": "nowhere", "OTALINK_LOG_LEVEL": "loud", "OTALINK_DESK_TIME_ZONE": "Atlantis/Capital",
            ]
        ).finished()
        #expect(bare.status != 0)
        for variable in wanted {
            #expect(bare.errors.contains(variable.names[0]), "\(variable.names) in: \(bare.errors)")
        }
        for wrong in ["OTALINK_LISTEN must be", "OTALINK_LOG_LEVEL is none", "OTALINK_DESK_TIME_ZONE names no"] {
            #expect(bare.errors.contains(wrong))
        }
        #expect(bare.errors.components(separatedBy: "OTALINK_DESK_LOGIN is missing").count == 2)
    }
}
