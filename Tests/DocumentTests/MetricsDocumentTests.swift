import Foundation
import Measurements
import TestSupport
import Testing

@Suite("Metrics in documents, alert rules and the dashboard", .timeLimit(.minutes(10)))
struct MetricsDocumentTests {
    private static func document(_ path: String) throws -> String {
        try String(contentsOfFile: "\(RepositoryRoot.path)/docs/\(path)", encoding: .utf8)
    }

    @Test("Every metric stands in docs/metrics.md with its labels and meaning, and no other does")
    func table() throws {
        let rows = try Self.document("metrics.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let wanted = MetricDefinition.all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |"
        }
        #expect(rows.map(String.init) == wanted)
    }

    @Test(
        "Alert rules and dashboard name only series that the program serves",
        arguments: ["metrics/alerts.yml", "metrics/alerts.test.yml", "metrics/dashboard.json"])
    func names(path: String) throws {
        let served = Set(MetricDefinition.all.flatMap { $0.seriesNames + [$0.name] })
        let named = Set(try Self.document(path).matches(of: /\b(?:otalink|process)_[a-z_]+/).map { String($0.output) })
        #expect(!named.isEmpty && named.subtracting(served) == [])
    }

    @Test("The dashboard shows every metric, in panels that do not overlap")
    func dashboard() throws {
        let dashboard = try JSONDecoder().decode(
            Dashboard.self, from: Data(Self.document("metrics/dashboard.json").utf8))
        let shown = dashboard.panels.flatMap(\.targets).map(\.expr).joined(separator: "\n")
        for metric in MetricDefinition.all {
            #expect(metric.seriesNames.contains { shown.contains($0) }, "\(metric.name)")
        }
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        let corners = dashboard.panels.map { [$0.gridPos.x, $0.gridPos.y] }
        #expect(Set(corners).count == corners.count)
        #expect(dashboard.panels.allSatisfy { $0.gridPos.x + $0.gridPos.w <= 24 })
    }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { let expr: String }
            struct Place: Decodable { let x, y, w: Int }
            let id: Int
            let gridPos: Place
            let targets: [Target]
        }
        let panels: [Panel]
    }

    @Test("Every alert says what it is and what to do")
    func alerts() throws {
        let text = try Self.document("metrics/alerts.yml")
        let rules = text.components(separatedBy: "- alert: ").dropFirst()
        #expect(rules.count >= 10)
        for rule in rules {
            for part in ["expr: ", "severity: ", "summary: ", "action: "] { #expect(rule.contains(part), "\(rule)") }
        }
    }

    @Test(
        "promtool takes the rules, and they say what they must",
        .enabled(if: InstalledProgram.isHere("promtool"), "needs promtool, of Debian's prometheus"))
    func promtool() async throws {
        let folder = RepositoryRoot.path + "/docs/metrics"
        try await ChildProcess.run("promtool", ["check", "rules", "alerts.yml"], directory: folder)
        try await ChildProcess.run("promtool", ["test", "rules", "alerts.test.yml"], directory: folder)
    }
}
