import Foundation
import TestSupport
import Testing
import Yams

/// What lies in `docker/`, read for tests.
struct DeploymentFiles {
    /// The text of a file of the repository.
    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: RepositoryRoot.path + "/" + path, encoding: .utf8)
    }

    /// The names of the files in a directory of the repository, by name.
    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: RepositoryRoot.path + "/" + directory).sorted()
    }

    /// A YAML file, its anchors and merges resolved.
    static func yaml(_ path: String) throws -> YAMLValue {
        YAMLValue(try Yams.load(yaml: try text(path)))
    }

    /// The Kubernetes manifests by file name, without the kustomization.
    static func manifests() throws -> [String: YAMLValue] {
        var manifests: [String: YAMLValue] = [:]
        for name in try names(in: "docker/kubernetes") where name != "kustomization.yaml" {
            manifests[name] = try yaml("docker/kubernetes/" + name)
        }
        return manifests
    }

    /// One of them.
    static func manifest(_ name: String) throws -> YAMLValue {
        try #require(try manifests()[name], "there is no docker/kubernetes/\(name)")
    }

    /// The variables that docs/configuration.md has: each with those that stand for the same, and whether one must be set.
    static func documentedVariables() throws -> [(names: [String], isRequired: Bool)] {
        try text("docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `OTALINK_") }.map { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = cells[0].matches(of: /OTALINK_[A-Z_]+/).map { String($0.output) }
            return (names, cells[1] == "required")
        }
    }
}

/// A value of a YAML file, found by the path to it.
struct YAMLValue {
    private let value: Any?

    init(_ value: Any?) {
        self.value = value
    }

    /// Nothing where a step of the path is not there. A number is a place in a list.
    subscript(path: String) -> YAMLValue {
        var found = value
        for step in path.split(separator: "/") {
            if let list = found as? [Any], let index = Int(step) {
                found = list.indices.contains(index) ? list[index] : nil
            } else {
                found = (found as? [String: Any])?[String(step)]
            }
        }
        return YAMLValue(found)
    }

    var isThere: Bool { value != nil && !(value is NSNull) }
    var text: String? { value as? String }
    var integer: Int? { value as? Int }
    var flag: Bool? { value as? Bool }
    var texts: [String] { (value as? [Any] ?? []).map { "\($0)" } }
    var items: [YAMLValue] { (value as? [Any] ?? []).map { YAMLValue($0) } }
    var keys: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
    /// A map from texts to texts; nil where a value is something else, which a cluster refuses.
    var map: [String: String]? { value as? [String: String] }
}
