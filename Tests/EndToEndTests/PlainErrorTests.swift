import Foundation
import OneTimeLinks
import TestSupport
import Testing

@testable import otalink

@Suite("What a command says that cannot do its work", .timeLimit(.minutes(10)))
struct PlainErrorTests {
    @Test("The usage of a command is printed where the command line was not understood, and nowhere else")
    func usage() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func errors(_ words: [String], _ environment: [String: String] = [:]) async throws -> String {
                let usual = ["OTALINK_DATABASE_URL": database.url]
                let finished = try await ChildProcess(
                    Deployment.program, words, environment: usual.merging(environment) { $1 }
                ).finished()
                #expect(finished.status == CommandExit.usage.rawValue, "\(words)")
                return finished.errors
            }
            #expect(try await errors(["link", "list", "--limits", "3"]).contains("Usage: otalink link list"))
            let table: [([String], [String: String], String)] = [
                (["setting", "list"], ["OTALINK_DATABASE_URL": ""], "OTALINK_DATABASE_URL is missing"),
                (["setting", "get", "Unknown"], [:], "Unknown"),
                (["setting", "set", "LinkLifetime", "soon"], [:], "LinkLifetime"),
                (["link", "list", "--ticket", "x\u{1B}[31m"], [:], "is not a ticket number."),
                (["api-key", "create", "crm", "--scope", "links:issue", "--from", ""], [:], "--from '' is no address"),
                (["serve"], ["OTALINK_DATABASE_URL": ""], "OTALINK_DATABASE_URL"),
            ]
            for (words, environment, told) in table {
                let errors = try await errors(words, environment)
                #expect(errors.contains(told), "\(errors)")
                #expect(
                    !errors.contains("Usage:") && !errors.contains("--help") && !errors.contains("\u{1B}"), "\(errors)")
            }
        }
    }

    @Test("The name of a key is taken for good, and the message says so, also after the key was revoked")
    func takenName() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func run(_ words: String...) async throws -> ChildProcess.Finished {
                try await ChildProcess(
                    Deployment.program, ["api-key"] + words, environment: ["OTALINK_DATABASE_URL": database.url]
                ).finished()
            }
            #expect(try await run("create", "crm", "--scope", "links:issue").status == 0)
            #expect(try await run("revoke", "crm").status == 0)
            let again = try await run("create", "crm", "--scope", "links:issue")
            #expect(again.status == CommandExit.usage.rawValue && again.output.isEmpty)
            #expect(again.errors.contains("or there was one that is revoked. Choose another name"))
        }
    }

    @Test("Without the migration files the message names the places; a symbolic link to the program is one of them")
    func migrationFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "otalink-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let called = MigrationFiles.candidates(
            program: URL(fileURLWithPath: "/opt/a/bin/otalink"), called: folder.appending(path: "otalink"))
        #expect(called.first == "/opt/a/bin/share/otalink/migrations")
        #expect(called.contains("/opt/a/share/otalink/migrations") && called.contains("/opt/a/bin/migrations"))
        #expect(called.contains(folder.appending(path: "migrations").standardizedFileURL.path))
        #expect(called.last == "/usr/share/otalink/migrations" && Set(called).count == called.count)
        // A copy in a place without the files, and a symbolic link to it from beside them.
        let alone = folder.appending(path: "a/b/c/d/e/f")
        try FileManager.default.createDirectory(at: alone, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "otalink"), withDestinationURL: alone.appending(path: "otalink"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "migrations").path, withDestinationPath: RepositoryRoot.path + "/migrations")
        try FileManager.default.copyItem(atPath: Deployment.program, toPath: alone.appending(path: "otalink").path)
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func run(_ program: URL, _ words: String...) async throws -> ChildProcess.Finished {
                try await ChildProcess(program.path, words, environment: ["OTALINK_DATABASE_URL": database.url])
                    .finished()
            }
            let missing = try await run(alone.appending(path: "otalink"), "migrate", "status")
            #expect(missing.status == CommandExit.usage.rawValue)
            #expect(missing.errors.contains(alone.appending(path: "migrations").path), "\(missing.errors)")
            #expect(missing.errors.contains("/usr/share/otalink/migrations") && missing.errors.contains("--directory"))
            #expect(try await run(folder.appending(path: "otalink"), "migrate", "status").status == 0)
            let doctor = try await run(
                alone.appending(path: "otalink"), "doctor", "--directory", RepositoryRoot.path + "/migrations")
            #expect(doctor.output.contains("migrations, up to date"), "\(doctor.output)")
        }
    }

    @Test("A link for somebody with a password is the desk's address, and standard error says why")
    func password() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let words = ["link", "issue", "--ticket", ticket, "--customer", "anna@example.org"]
            let link = try await deployment.finished(words)
            #expect(link.errors.isEmpty && link.output.contains("/l/"))
            try await deployment.database.psql("UPDATE otalink.customer_user SET pw = 'hash'")
            let plain = try await deployment.finished(words + ["--json"])
            #expect(plain.status == 0 && plain.output.contains(#""signsIn" : false"#) && !plain.output.contains("/l/"))
            #expect(
                plain.errors.contains("anna@example.org has a password")
                    && plain.errors.contains("PlainURLWithPassword"))
        }
    }

    @Test(
        "Mails of which none was authenticated are doubtful, with the name to look at",
        arguments: [
            ([:], 0, 20, nil), (["AuthenticationServer": "mx.example.org"], 0, 0, .untried),
            (["AuthenticationServer": "mx.example.org"], 0, 9, .good),
            (["AuthenticationServer": "mx.example.org"], 0, 10, .doubtful),
            (["AuthenticationServer": "mx.example.org"], 1, 19, .good),
            (["UnnamedAuthenticationResults": "1"], 0, 20, .doubtful),
        ] as [([String: String], Int, Int, Finding.Verdict?)])
    func authentication(settings: [String: String], passed: Int, refused: Int, verdict: Finding.Verdict?) {
        let findings = IncomingMailAdvice.authentication(
            settings: Settings(stored: settings), passed: passed, refused: refused, subject: "authentication")
        #expect(findings.map(\.verdict) == [verdict].compactMap(\.self))
        if verdict == .doubtful, settings["AuthenticationServer"] != nil {
            #expect(findings.allSatisfy { $0.text.contains("Is mx.example.org the name") })
        }
    }
}
