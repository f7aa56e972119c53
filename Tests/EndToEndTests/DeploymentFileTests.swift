import Foundation
import OneTimeLinks
import TestSupport
import Testing

@Suite("Images, compose file, manifests and units agree with the program and with each other", .timeLimit(.minutes(10)))
struct DeploymentFileTests {
    private static let places = [
        "docker/Dockerfile", "docker/compose.yml", "docker/demo.env", "docker/compose.env.example",
        "docker/systemd/otalink.service", "docker/systemd/otalink-migrate.service",
        "docker/systemd/environment.example", "docker/check-image", "docs/deployment.md",
    ]

    @Test("Every variable that they set is one that the program documents")
    func variables() throws {
        let known = Set(try DeploymentFiles.documentedVariables().flatMap(\.names))
        let manifests = try DeploymentFiles.names(in: "docker/kubernetes").map { "docker/kubernetes/" + $0 }
        for place in Self.places + manifests {
            let named = try DeploymentFiles.text(place).matches(of: /OTALINK_[A-Z_]+\b/).map { String($0.output) }
            // What comments call all of them, and what only the scripts read.
            let unknown = Set(named).subtracting(known).filter {
                $0 != "OTALINK_" && !$0.hasPrefix("OTALINK_IMAGE_") && !$0.hasPrefix("OTALINK_CI_")
            }
            #expect(unknown == [], "\(place)")
        }
    }

    @Test("Every variable that must be set is set, for each way to run a replica")
    func required() throws {
        let compose = try DeploymentFiles.yaml("docker/compose.yml")
        let container = try DeploymentFiles.manifest("deployment.yaml")["spec/template/spec/containers/0"]
        let configuration = try DeploymentFiles.manifest("configuration.yaml")
        let unit =
            try DeploymentFiles.text("docker/systemd/otalink.service")
            + DeploymentFiles.text("docker/systemd/environment.example")
        let ways: [(name: String, variables: Set<String>)] = [
            ("compose", Set(compose["services/replica2/environment"].keys)),
            (
                "Kubernetes",
                Set(configuration["data"].keys).union(container["env"].items.compactMap { $0["name"].text })
            ),
            ("systemd", Set(unit.matches(of: /(?m)^(?:Environment=)?(OTALINK_[A-Z_]+)=/).map { String($0.1) })),
        ]
        for way in ways {
            for variable in try DeploymentFiles.documentedVariables() where variable.isRequired {
                #expect(!way.variables.isDisjoint(with: variable.names), "\(way.name) lacks \(variable.names)")
            }
        }
        // What compose asks an operator for, both of its value files answer.
        let asked = try DeploymentFiles.text("docker/compose.yml").matches(of: /\$\{([A-Z_]+):\?/).map { String($0.1) }
        for file in ["docker/demo.env", "docker/compose.env.example"] {
            let text = try DeploymentFiles.text(file)
            for name in asked { #expect(text.contains("\n\(name)="), "\(file) lacks \(name)") }
        }
    }

    @Test("User, port and version are the same everywhere")
    func agreement() async throws {
        let user = 10_001
        let dockerfile = try DeploymentFiles.text("docker/Dockerfile")
        #expect(dockerfile.matches(of: /(?m)^USER 10001:10001$/).count == 2)
        #expect(try DeploymentFiles.text("docker/build-root").contains("\nuser=\(user)\n"))
        #expect(dockerfile.contains("\nEXPOSE 8080\n") && dockerfile.contains("OTALINK_LISTEN=0.0.0.0:8080"))
        for name in ["deployment.yaml", "migration.yaml"] {
            let pod = try DeploymentFiles.manifest(name)["spec/template/spec"]
            #expect(pod["securityContext/runAsUser"].integer == user && pod["securityContext/fsGroup"].integer == user)
        }
        let admin = try DeploymentFiles.manifest("configuration.yaml")["data/OTALINK_ADMIN_LISTEN"].text
        let metrics = try DeploymentFiles.manifest("deployment.yaml")["spec/template/spec/containers/0/ports/1"]
        #expect(metrics["name"].text == "metrics" && admin == "0.0.0.0:\(metrics["containerPort"].integer ?? 0)")
        let ports = try DeploymentFiles.manifest("deployment.yaml")["spec/template/spec/containers/0/ports/0"]
        #expect(ports["containerPort"].integer == 8080 && ports["name"].text == "http")
        #expect(try DeploymentFiles.manifest("service.yaml")["spec/ports/0/targetPort"].text == "http")
        let upstreams = try DeploymentFiles.text("docker/compose-nginx.conf").matches(of: #/server (\S+):8080\s/#)
        let services = try DeploymentFiles.yaml("docker/compose.yml")["services"].keys
        #expect(upstreams.map { String($0.1) } == services.filter { $0.hasPrefix("replica") })
        let version = try await ChildProcess.run(Deployment.program, ["--version"]).output
        let tag = try DeploymentFiles.yaml("docker/kubernetes/kustomization.yaml")["images/0/newTag"].text
        #expect(tag.map { $0 + "\n" } == version)
    }

    @Test("Every file that they name is there, and the build gets every file that it needs")
    func files() throws {
        let dockerfile = try DeploymentFiles.text("docker/Dockerfile")
        var named = dockerfile.matches(of: #/(?m)^COPY ([a-zA-Z]\S*)\s/#).map { String($0.1) }
        let ignored = try DeploymentFiles.text("docker/Dockerfile.dockerignore").split(separator: "\n")
        let sent = ignored.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
        for path in named { #expect(sent.contains { path == $0 || path.hasPrefix($0 + "/") }, "\(path) is not sent") }
        named += sent
        named += try DeploymentFiles.yaml("docker/kubernetes/kustomization.yaml")["resources"].texts
            .map { "docker/kubernetes/" + $0 }
        named += try DeploymentFiles.text("docker/compose.yml").matches(of: /"\.\/([^:]+):/).map { "docker/" + $0.1 }
        named += try DeploymentFiles.text("docs/deployment.md").matches(of: /docker\/[a-z][a-z.\/-]*[a-z]/)
            .map { String($0.output) }.filter { $0 != "docker/secrets" }
        for path in named where !path.hasPrefix("docker/secrets/") && path != "docker/.env" {
            #expect(FileManager.default.fileExists(atPath: RepositoryRoot.path + "/" + path), "\(path)")
        }
        // Everything that Package.swift compiles is in the build's context.
        #expect(Set(["Package.swift", "Makefile", "Sources", "Tests", "migrations"]).isSubset(of: Set(sent)))
        let wanted = try DeploymentFiles.text("Makefile").firstMatch(of: /(?m)^BUILD_PACKAGES := (.*)$/)?.output.1
        #expect(dockerfile.contains(try #require(wanted)), "the build stage installs other packages than the Makefile")
        let secrets = try DeploymentFiles.yaml("docker/compose.yml")["secrets"].keys
        let made = try DeploymentFiles.text("docker/compose-secrets").matches(of: /(?m)^keep (\S+)/).map {
            String($0.1)
        }
        #expect(made.sorted() == secrets)
    }

    @Test("The commands in them are commands of the program")
    func commands() async throws {
        let compose = try DeploymentFiles.yaml("docker/compose.yml")
        var commands = [compose["services/replica1/command"].texts, compose["services/migrate/command"].texts]
        for name in ["deployment.yaml", "migration.yaml"] {
            commands.append(try DeploymentFiles.manifest(name)["spec/template/spec/containers/0/args"].texts)
        }
        for unit in ["otalink.service", "otalink-migrate.service"] {
            let line = try DeploymentFiles.text("docker/systemd/" + unit)
                .firstMatch(of: /(?m)^ExecStart=\/usr\/bin\/otalink (.*)$/)
            commands.append(try #require(line).output.1.split(separator: " ").map(String.init))
        }
        let dockerfile = try DeploymentFiles.text("docker/Dockerfile")
        #expect(dockerfile.contains(#"CMD ["/usr/bin/otalink", "health"]"#) && dockerfile.contains(#"CMD ["serve"]"#))
        commands += [["health"], ["serve"]]
        commands += try DeploymentFiles.text("docs/deployment.md").matches(of: /\botalink ([a-z-]+(?: [a-z]+)?)/)
            .map { $0.1.split(separator: " ").map(String.init) }
            .filter { ["serve", "migrate", "health", "doctor", "keys", "setting", "api-key", "link"].contains($0[0]) }
        #expect(commands.count > 8 && !commands.contains([]))
        for command in Set(commands) {
            let help = try await ChildProcess(Deployment.program, command + ["--help"]).finished()
            #expect(
                help.status == 0 && help.output.contains("USAGE: otalink \(command.joined(separator: " "))"),
                "\(command)")
        }
    }

    @Test("What probes ask for is answered, and a replica has the time to drain")
    func probes() async throws {
        let pod = try DeploymentFiles.manifest("deployment.yaml")["spec/template/spec"]
        let paths = ["startupProbe", "readinessProbe", "livenessProbe"].compactMap {
            pod["containers/0/\($0)/httpGet/path"].text
        }
        #expect(paths == ["/health/ready", "/health/ready", "/health/live"])
        try await withDeployment { (deployment) async throws in
            for path in paths { #expect(try await deployment.browser().get(path).status == 200) }
        }
        let drain = try #require(try DeploymentFiles.manifest("configuration.yaml")["data/OTALINK_DRAIN_SECONDS"].text)
        let pause = try #require(Int(drain))
        #expect(try #require(pod["terminationGracePeriodSeconds"].integer) >= pause + 30)
        // Unready is noticed before the replica ends.
        let period = try #require(pod["containers/0/readinessProbe/periodSeconds"].integer)
        let failures = try #require(pod["containers/0/readinessProbe/failureThreshold"].integer)
        #expect(period * failures < pause)
        #expect(try DeploymentFiles.yaml("docker/compose.yml")["services/replica1/stop_grace_period"].text == "30s")
    }

    @Test("The documented sample of secrets is made, kept, and of use")
    func secrets() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = directory.appending(path: "compose-secrets")
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: RepositoryRoot.path + "/docker/compose-secrets"), to: script)
        #expect(try await ChildProcess.run("bash", [script.path]).output.contains("made  docker/secrets/secret-keys"))
        func secret(_ name: String) throws -> String {
            try String(contentsOf: directory.appending(path: "secrets/" + name), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        }
        #expect(try KeyRing(text: try secret("secret-keys")).keyIDs.count == 1)
        #expect(
            try secret("database-url") == "postgresql://otalink:\(try secret("database-password"))@postgres/otalink")
        let before = try secret("secret-keys")
        #expect(try await ChildProcess.run("bash", [script.path]).output.contains("kept  docker/secrets/secret-keys"))
        #expect(try secret("secret-keys") == before)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: "secrets").path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    private static let scriptReader = "/usr/bin/shellcheck"

    @Test(
        "The scripts have none of the faults that shellcheck warns of",
        .enabled(if: FileManager.default.isExecutableFile(atPath: scriptReader), "needs Debian's shellcheck"))
    func scripts() async throws {
        let scripts = try ["docker", "docker/local", ".ci"].flatMap { directory in
            try DeploymentFiles.names(in: directory).map { directory + "/" + $0 }
        }.filter { (try? DeploymentFiles.text($0).hasPrefix("#!/usr/bin/env bash")) == true }
        #expect(scripts.count >= 6)
        let read = try await ChildProcess(
            Self.scriptReader, ["--severity=warning"] + scripts, directory: RepositoryRoot.path
        ).finished()
        #expect(read.status == 0, "\(read.output)")
    }

    @Test("Compose's nginx takes its file, and masks tokens as the documented one does")
    func nginx() async throws {
        let text = try DeploymentFiles.text("docker/compose-nginx.conf")
        let documented = try DeploymentFiles.text("docs/proxy/nginx.conf")
        let masking = try #require(documented.firstMatch(of: /map \$request_uri (?:.|\n)*?\$request_id';/)).output
        func squeezed(_ text: some StringProtocol) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        #expect(squeezed(text).contains(squeezed(masking)))
        guard ProxyServer.Kind.nginx.isHere else { return }
        let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let site = text.replacing(/replica[0-9]/, with: "127.0.0.1").replacing("/var/log/nginx", with: directory.path)
        let configuration = "pid \(directory.path)/pid;\nevents {}\nhttp {\n\(site)\n}\n"
        let file = directory.appending(path: "nginx.conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        let finished = try await ChildProcess(
            ProxyServer.Kind.nginx.program, ["-t", "-c", file.path, "-e", directory.path + "/error.log"]
        ).finished()
        #expect(finished.status == 0, "\(finished.errors)")
    }
}
