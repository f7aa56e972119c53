import CurlClient
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "What operators and programs know of the previous release by its name", .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10)))
struct TwoReleasesNameTests {
    /// Commands that show rows as JSON.
    private static let commands = [
        ["link", "list"], ["session", "list"], ["mail", "list", "--state", "sent"], ["setting", "list"],
        ["api-key", "list"],
        ["keys", "list"], ["customer", "list"], ["customer", "backends"], ["notification", "list"],
        ["oidc", "key", "list"],
        ["oidc", "client", "list"], ["migrate", "status"],
    ]

    /// A deployment in which there is a row of everything that the commands list.
    private func withRows(_ body: @escaping @Sendable (Deployment) async throws -> Void) async throws {
        try await withProvider { (deployment, _) async throws in
            let link = try await deployment.newLink()
            for status in [303, 200] {
                let browser = deployment.browser()
                #expect(try await browser.press(try await browser.get(link)).status == status)
            }
            try await deployment.until("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'sent'", is: "1")
            _ = try await deployment.otalink(
                "notification", "add", "--name", "Fresh link", "--language", "en", "--subject", "Link", "--body-file",
                "-",
                input: Data("<OTOBO_OTACustomerTicketLink>".utf8))
            _ = try await deployment.otalink(
                "customer", "import", "CRM", "-", input: Data("login,email\nc@example.org,c@example.org\n".utf8))
            try await body(deployment)
        }
    }

    @Test("The commands of both read the rows of both, and every key in the JSON of the one is in that of the other")
    func commands() async throws {
        try await withRows { (deployment) async throws in
            for command in Self.commands {
                let arguments = command + ["--json"]
                let old = try await deployment.previous(arguments)
                let new = try await deployment.finished(arguments)
                #expect(old.status == 0 && new.status == 0, "\(command): \(old.errors)\(new.errors)")
                let known = try keys(of: old.output)
                #expect(!known.isEmpty, "\(command) lists nothing")
                #expect(known.subtracting(try keys(of: new.output)) == [], "\(command)")
            }
            let (old, new) = (
                try await deployment.previous(["audit", "export"]), try await deployment.finished(["audit", "export"])
            )
            #expect(old.status == 0 && new.status == 0 && !old.output.isEmpty)
            #expect(try keys(of: old.output).subtracting(try keys(of: new.output)) == [])
        }
    }

    @Test("Every setting of the previous release has a value under its name")
    func settings() async throws {
        try await withRows { (deployment) async throws in
            let listed = try await deployment.previous(["setting", "list", "--json"]).output
            let names = listed.matches(of: /"name"\s*:\s*"([^"]+)"/).map { String($0.1) }
            #expect(names.count > 20)
            for name in names {
                let read = try await deployment.finished(["setting", "get", name])
                #expect(read.status == 0, "\(name): \(read.errors)")
            }
        }
    }

    @Test("Every metric and every part of the API's description of the previous release is in this one's")
    func served() async throws {
        try await withRows { (deployment) async throws in
            var metrics: [Set<String>] = []
            var descriptions: [Set<String>] = []
            for program in [PreviousRelease.program, Deployment.program] {
                let admin = "127.0.0.1:\(try FreePort.find())"
                let environment = deployment.environment.merging(["OTALINK_ADMIN_LISTEN": admin]) { $1 }
                try await withRunningReplicas([environment], program: program) { (replicas) async throws in
                    let browser = Browser(client: deployment.client, base: replicas[0].url)
                    descriptions.append(try keys(of: try await browser.get("/api/openapi.json").text))
                    let shown = try await deployment.client.send(
                        HTTPRequest(method: .get, url: "http://\(admin)/metrics")
                    ).text
                    metrics.append(Set(shown.matches(of: /# TYPE (\S+)/).map { String($0.1) }))
                }
            }
            #expect(metrics[0].count > 10 && metrics[0].subtracting(metrics[1]) == [])
            let lost = descriptions[0].subtracting(descriptions[1])
            #expect(lost.filter { $0.contains("/properties/") || $0.split(separator: "/").count <= 3 } == [])
        }
    }

    /// The keys of all objects in a JSON text, or in one of a JSON text a line, each with those that lead to it.
    private func keys(of text: String) throws -> Set<String> {
        if let whole = try? JSONSerialization.jsonObject(with: Data(text.utf8)) { return keys(of: whole, under: "") }
        return try text.split(separator: "\n").reduce(into: []) { found, line in
            found.formUnion(keys(of: try JSONSerialization.jsonObject(with: Data(line.utf8)), under: ""))
        }
    }

    private func keys(of value: Any, under path: String) -> Set<String> {
        if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys(of: $1, under: path)) } }
        guard let object = value as? [String: Any] else { return [] }
        return object.reduce(into: []) { found, entry in
            // A route is one name.
            let name = path + "/" + entry.key.replacing("/", with: "|")
            found.insert(name)
            found.formUnion(keys(of: entry.value, under: name))
        }
    }
}
