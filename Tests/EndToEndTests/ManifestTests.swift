import Foundation
import TestSupport
import Testing

@Suite("What a cluster and systemd demand", .timeLimit(.minutes(10)))
struct ManifestTests {
    /// What the API server would refuse a manifest for, and what this project asks of it beyond that.
    private static let rules: [(file: String, apiVersion: String, kind: String, paths: [String])] = [
        ("configuration.yaml", "v1", "ConfigMap", ["data"]),
        ("secret.example.yaml", "v1", "Secret", ["type", "stringData/secret-keys", "stringData/database-url"]),
        (
            "migration.yaml", "batch/v1", "Job",
            ["spec/template/spec/restartPolicy", "spec/backoffLimit", "spec/activeDeadlineSeconds"]
        ),
        (
            "deployment.yaml", "apps/v1", "Deployment",
            ["spec/selector/matchLabels", "spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels"]
        ),
        ("service.yaml", "v1", "Service", ["spec/selector", "spec/ports/0/port"]),
        (
            "disruption-budget.yaml", "policy/v1", "PodDisruptionBudget",
            ["spec/minAvailable", "spec/selector/matchLabels"]
        ),
        (
            "network-policy.yaml", "networking.k8s.io/v1", "NetworkPolicy",
            ["spec/podSelector/matchLabels", "spec/policyTypes/1", "spec/ingress/0/from", "spec/egress/0/ports"]
        ),
    ]

    @Test("Every manifest is of its kind and version, named, labelled, and has what its kind must have")
    func kinds() throws {
        #expect(try DeploymentFiles.manifests().keys.sorted() == Self.rules.map(\.file).sorted())
        for rule in Self.rules {
            let manifest = try DeploymentFiles.manifest(rule.file)
            #expect(
                manifest["apiVersion"].text == rule.apiVersion && manifest["kind"].text == rule.kind, "\(rule.file)")
            #expect(!manifest["metadata/namespace"].isThere, "\(rule.file) belongs to no namespace of ours")
            for path in ["metadata/name", "metadata/labels"] + rule.paths {
                #expect(manifest[path].isThere, "\(rule.file) lacks \(path)")
            }
        }
        let resources = try DeploymentFiles.yaml("docker/kubernetes/kustomization.yaml")["resources"].texts
        #expect(resources.sorted() == Self.rules.map(\.file).filter { !$0.contains("example") }.sorted())
    }

    @Test("Selectors find the pods of the service, and all that are values are texts")
    func selectors() throws {
        let deployment = try DeploymentFiles.manifest("deployment.yaml")
        let service = try #require(deployment["spec/template/metadata/labels"].map)
        let migration = try #require(
            try DeploymentFiles.manifest("migration.yaml")["spec/template/metadata/labels"].map)
        #expect(service != migration)
        for (file, path) in [
            ("deployment.yaml", "spec/selector/matchLabels"), ("service.yaml", "spec/selector"),
            ("disruption-budget.yaml", "spec/selector/matchLabels"),
            ("deployment.yaml", "spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels"),
        ] {
            #expect(try DeploymentFiles.manifest(file)[path].map == service, "\(file) \(path)")
        }
        // The policy holds for the migration too.
        let policy = try DeploymentFiles.manifest("network-policy.yaml")
        let chosen = try #require(policy["spec/podSelector/matchLabels"].map)
        for (key, value) in chosen { #expect(service[key] == value && migration[key] == value) }
        #expect(try DeploymentFiles.manifest("configuration.yaml")["data"].map != nil)
        #expect(try DeploymentFiles.manifest("secret.example.yaml")["stringData"].map != nil)
        // What is mounted is in the secret.
        let keys = try DeploymentFiles.manifest("secret.example.yaml")["stringData"].keys
        for item in deployment["spec/template/spec/containers/0/env"].items {
            guard let path = item["value"].text, path.hasPrefix("/run/secrets/otalink/") else { continue }
            #expect(keys.contains(String(path.dropFirst("/run/secrets/otalink/".count))), "\(path)")
        }
    }

    @Test("A container may do nothing that a replica does not", arguments: ["deployment.yaml", "migration.yaml"])
    func security(file: String) throws {
        let pod = try DeploymentFiles.manifest(file)["spec/template/spec"]
        #expect(pod["securityContext/runAsNonRoot"].flag == true)
        #expect(pod["securityContext/seccompProfile/type"].text == "RuntimeDefault")
        #expect(pod["automountServiceAccountToken"].flag == false && pod["enableServiceLinks"].flag == false)
        let container = pod["containers/0"]
        #expect(container["securityContext/allowPrivilegeEscalation"].flag == false)
        #expect(container["securityContext/readOnlyRootFilesystem"].flag == true)
        #expect(container["securityContext/capabilities/drop"].texts == ["ALL"])
        #expect(container["resources/requests/memory"].isThere && container["resources/limits/memory"].isThere)
        #expect(container["volumeMounts/0/readOnly"].flag == true)
        #expect(pod["volumes/0/name"].text == container["volumeMounts/0/name"].text)
    }

    @Test("Each way to run a replica gives it a place for mails, on no memory")
    func spool() throws {
        let place = "/var/spool/otalink"
        let pod = try DeploymentFiles.manifest("deployment.yaml")["spec/template/spec"]
        let container = pod["containers/0"]
        let variable = container["env"].items.first { $0["name"].text == "OTALINK_SPOOL_DIRECTORY" }
        #expect(variable?["value"].text == place)
        #expect(container["volumeMounts/1/mountPath"].text == place && container["volumeMounts/1/name"].text == "spool")
        #expect(pod["volumes/1/name"].text == "spool" && pod["volumes/1/emptyDir/sizeLimit"].isThere)
        #expect(!pod["volumes/1/emptyDir/medium"].isThere)
        let compose = try DeploymentFiles.yaml("docker/compose.yml")["services/replica2"]
        #expect(compose["environment/OTALINK_SPOOL_DIRECTORY"].text == place && compose["volumes"].texts == [place])
        let dockerfile = try DeploymentFiles.text("docker/Dockerfile")
        #expect(dockerfile.contains("OTALINK_SPOOL_DIRECTORY=\(place)\nVOLUME \(place)\n"))
        #expect(try DeploymentFiles.text("docker/build-root").contains("var/spool/otalink"))
        let unit = try DeploymentFiles.text("docker/systemd/otalink.service")
        #expect(unit.contains("CacheDirectory=otalink\n") && unit.contains("OTALINK_SPOOL_DIRECTORY=%C/otalink\n"))
    }

    @Test("An upgrade and a drained node leave replicas that answer")
    func availability() throws {
        let deployment = try DeploymentFiles.manifest("deployment.yaml")
        let replicas = try #require(deployment["spec/replicas"].integer)
        #expect(replicas == 3 && deployment["spec/strategy/rollingUpdate/maxUnavailable"].integer == 0)
        let budget = try DeploymentFiles.manifest("disruption-budget.yaml")
        #expect(try #require(budget["spec/minAvailable"].integer) < replicas)
    }

    private static let analyzer = "/usr/bin/systemd-analyze"

    @Test(
        "systemd takes the units, and finds them well shut in",
        .enabled(if: FileManager.default.isExecutableFile(atPath: analyzer), "needs Debian's systemd"))
    func units() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-units-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let units = ["otalink.service", "otalink-migrate.service"].map { directory.appending(path: $0) }
        for unit in units {
            // systemd looks whether the program is there.
            let text = try DeploymentFiles.text("docker/systemd/" + unit.lastPathComponent)
                .replacing("/usr/bin/otalink", with: Deployment.program)
            try text.write(to: unit, atomically: true, encoding: .utf8)
        }
        let verified = try await ChildProcess(
            Self.analyzer, ["verify", "--man=no"] + units.map(\.path),
            environment: ["SYSTEMD_UNIT_PATH": directory.path + ":"]
        ).finished()
        #expect(verified.status == 0 && verified.errors == "", "\(verified.errors)")
        for unit in units {
            // In tenths of the exposure from 0 to 10 that systemd computes.
            let security = try await ChildProcess(
                Self.analyzer, ["security", "--offline=true", "--no-pager", "--threshold=15", unit.path]
            ).finished()
            #expect(security.status == 0, "\(security.output)")
        }
        // Both are shut in alike.
        func hardening(_ unit: URL) throws -> String {
            let text = try String(contentsOf: unit, encoding: .utf8)
            return try #require(text.firstMatch(of: /(?ms)^DynamicUser=.*?^SystemCallErrorNumber=[A-Z]+$/)).output
                .description
        }
        #expect(try hardening(units[0]) == hardening(units[1]))
    }
}
