import TestSupport
import Testing

/// The scripts read Package.swift as `swift package dump-package` prints it.
@Suite("The targets and the libraries, as documented", .timeLimit(.minutes(10)))
struct TargetTests {
    private func check(_ script: String) async throws {
        let found = try await ChildProcess("\(RepositoryRoot.path)/docker/local/\(script)", ["--check"]).finished()
        #expect(found.status == 0, "\(found.errors)")
        if !found.output.isEmpty { print(found.output) }
    }

    @Test("No import points upwards, sources import what Package.swift says, and the picture shows it")
    func graph() async throws {
        try await check("graph")
    }

    @Test("docs/licences.md has each library of Package.resolved with its licence, and no other")
    func licences() async throws {
        try await check("licences")
    }
}
