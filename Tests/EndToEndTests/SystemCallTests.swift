import DemoDesk
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite("What a replica asks of the kernel", .timeLimit(.minutes(10)))
struct SystemCallTests {
    private static let programs = ["/usr/bin/strace", "/usr/bin/systemd-analyze"]

    /// Some containers let nobody trace.
    private static func canTrace() async -> Bool {
        guard programs.allSatisfy(FileManager.default.isExecutableFile) else { return false }
        return (try? await ChildProcess.run(programs[0], ["-c", "-o", "/dev/null", "/bin/true"])) != nil
    }

    @Test(
        "From its start through a click to its end, no system call that the systemd unit forbids",
        .enabled("needs Debian's strace and systemd, and the right to trace") { await canTrace() })
    func systemCalls() async throws {
        let allowed = try await Self.allowed(by: "docker/systemd/otalink.service")
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            try await deployment.database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                VALUES ('anna@example.org', 'anna@example.org', 'acme', 'Anna', 'Example')
                """)
            let ticket = await deployment.desk.create(
                NewDemoTicket(title: "Printer", customerLogin: "anna@example.org", customerID: "acme"))
            let port = try FreePort.find()
            let file = FileManager.default.temporaryDirectory.appending(path: "otalink-calls-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            let tracer = try ChildProcess(
                Self.programs[0], ["-f", "-c", "-o", file.path, Deployment.program, "serve"],
                environment: deployment.environment.merging(["OTALINK_LISTEN": "127.0.0.1:\(port)"]) { $1 })
            #expect(await tracer.writes("listening on"))
            let browser = Browser(client: deployment.client, base: "http://127.0.0.1:\(port)")
            let first = try await browser.press(try await browser.get(try await deployment.link(ticket: ticket.number)))
            #expect(first.status == 303)
            #expect(try await browser.get("/t/\(ticket.number)").status == 200)
            try Self.terminateChild(of: tracer)
            #expect(await tracer.finished().status == 0)
            let used = try Self.calls(in: String(contentsOf: file, encoding: .utf8))
            #expect(used.count > 30 && used.isSuperset(of: ["accept4", "connect", "futex"]))
            #expect(used.subtracting(allowed) == [])
        }
    }

    /// The replica, not the program that traces it.
    private static func terminateChild(of tracer: ChildProcess) throws {
        let id = tracer.processID
        let children = try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
        kill(try #require(children.split(separator: " ").first.flatMap { Int32($0) }), SIGTERM)
    }

    /// The last words of the lines of strace's table.
    private static func calls(in table: String) -> Set<String> {
        let lines = table.split(separator: "\n").drop { !$0.hasPrefix("------") }.dropFirst()
        return Set(
            lines.prefix { !$0.hasPrefix("------") }.compactMap { $0.split(separator: " ").last.map(String.init) })
    }

    /// What the unit's filters leave: groups of calls, and with a tilde those that are taken away again.
    private static func allowed(by unit: String) async throws -> Set<String> {
        // systemd always lets these through.
        var calls = try await members(of: "@default")
        for line in try DeploymentFiles.text(unit).matches(of: /(?m)^SystemCallFilter=(~?)(.*)$/) {
            for group in line.2.split(separator: " ") {
                let members = try await members(of: String(group))
                if line.1.isEmpty { calls.formUnion(members) } else { calls.subtract(members) }
            }
        }
        return calls
    }

    private static func members(of group: String) async throws -> Set<String> {
        guard group.hasPrefix("@") else { return [group] }
        let listed = try await ChildProcess.run(programs[1], ["syscall-filter", "--no-pager", group]).output
        var calls: Set<String> = []
        for line in listed.split(separator: "\n").dropFirst() {
            let name = line.trimmingCharacters(in: .whitespaces)
            if !name.isEmpty, !name.hasPrefix("#") { calls.formUnion(try await members(of: name)) }
        }
        return calls
    }
}
