import Foundation
import OneTimeLinks
import TestSupport
import Testing

@Suite("The version")
struct ReleaseTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(RepositoryRoot.path)/\(path)", encoding: .utf8)
    }

    /// The versions that CHANGELOG.md describes, the newest first.
    private func described() throws -> [String] {
        try text("CHANGELOG.md").matches(of: /\n## (\d+\.\d+\.\d+)\b/).map { String($0.1) }
    }

    @Test("CHANGELOG.md describes this version first, and the one that make test-upgrade builds after it")
    func changelog() throws {
        let versions = try described()
        let previous = try text("docker/local/previous-release.commit")
        let commit = try #require(previous.firstMatch(of: /^([0-9a-f]{7,40}) Version (\d+\.\d+\.\d+)\b/))
        #expect(versions.prefix(2) == [Release.version, String(commit.output.2)])
    }

    @Test("No source but Release.swift names the version")
    func once() throws {
        let sources = "\(RepositoryRoot.path)/Sources"
        let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
        for file in files where file.hasSuffix(".swift") && !file.hasSuffix("/Release.swift") {
            #expect(!(try text("Sources/\(file)").contains("\"\(Release.version)\"")), "\(file)")
        }
    }
}
