import Foundation
import TestSupport
import Testing

/// Files move and types get other names; what the pages say of them must follow.
@Suite("Files and types that the pages name")
struct NamedPlaceTests {
    /// What the repository's own history does not hold, or what a person makes.
    private static let made = ["docker/secrets", "docker/.env"]

    /// A page without the blocks that show commands, files and tables of others.
    private struct Page {
        let path: String
        let text: String

        init(_ path: String) throws {
            self.path = path
            text = try String(contentsOfFile: "\(RepositoryRoot.path)/\(path)", encoding: .utf8)
                .replacing(/(?m)^ *```[a-z]*\n(?:.|\n)*?^ *```$/, with: "")
        }

        /// What stands between backticks.
        var spans: [String] { text.matches(of: /`([^`\n]+)`/).map { String($0.1) } }
        /// Where links lead, without those to other hosts and without the place on the page.
        var links: [String] {
            text.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/).map { String($0.1) }
                .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
        }
    }

    private static let forEngineers = ["ARCHITECTURE.md", "CONTRIBUTING.md"]

    private static func pages() throws -> [Page] {
        let documents = try FileManager.default.contentsOfDirectory(atPath: "\(RepositoryRoot.path)/docs")
            .filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        return try (["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] + documents.sorted()).map(Page.init)
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(RepositoryRoot.path)/\(path)")
    }

    @Test("Every link of a page leads to a file that is there")
    func links() throws {
        for page in try Self.pages() {
            let folder = page.path.contains("/") ? "docs/" : ""
            for link in page.links { #expect(Self.exists(folder + link), "\(page.path): \(link)") }
        }
    }

    @Test("Every file and folder that a page names by its path is there")
    func paths() throws {
        var count = 0
        for page in try Self.pages() {
            for span in page.spans {
                for word in span.split(separator: " ").map({ $0.trimmingPrefix("./") }) {
                    guard let path = Self.path(String(word)), !Self.made.contains(where: path.hasPrefix) else {
                        continue
                    }
                    count += 1
                    #expect(Self.exists(path), "\(page.path): \(word)")
                }
            }
        }
        #expect(count > 40)
    }

    /// The path that a word is, without what a person puts in; nil: it is none.
    private static func path(_ word: String) -> String? {
        guard word.wholeMatch(of: /(?:Sources|Tests|docs|docker|migrations|\.ci)\/[^\s,;:'"]*/) != nil else {
            return nil
        }
        let parts = word.split(separator: "/").map(String.init)
        let fixed = parts.prefix { !$0.contains(/[*<…]|NAME|NNNN/) }
        // Part of a file's name, as migrations/0002.
        if fixed.count == parts.count, fixed.first == "migrations", let last = fixed.last, last.contains(/^\d{4}$/) {
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: "\(RepositoryRoot.path)/migrations")) ?? []
            return names.first { $0.hasPrefix(last + "_") }.map { "migrations/\($0)" } ?? word
        }
        return fixed.joined(separator: "/")
    }

    @Test("Every folder of a target, file, type and function that the pages for engineers name is there")
    func names() async throws {
        let files = Set(
            ["Sources", "Tests"].flatMap { root in
                FileManager.default.enumerator(atPath: "\(RepositoryRoot.path)/\(root)")?.compactMap { $0 as? String }
                    ?? []
            }.flatMap { [$0, $0.hasSuffix(".swift") ? String($0.dropLast(6)) : $0] })
        let names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
        // grep reads them faster than this program, which is built without optimisation.
        let words = Set(
            try await ChildProcess.run(
                "bash",
                [
                    "-c",
                    #"grep -rhoE --include='*.swift' '[A-Za-z_][A-Za-z0-9_]+' Sources Tests Package.swift | sort -u"#,
                ],
                directory: RepositoryRoot.path
            ).output.split(separator: "\n").map(String.init))
        var count = 0
        for page in try Self.forEngineers.map(Page.init) {
            for span in page.spans where Self.isName(span) && Self.path(span) == nil {
                count += 1
                let isThere =
                    span.contains("/")
                    ? Self.expanded(span).allSatisfy(files.contains)
                    : names.contains(span) || Self.exists(span)
                        || span.prefix { $0 != "(" }.split(separator: ".").map(String.init).allSatisfy(words.contains)
                #expect(isThere, "\(page.path): \(span)")
            }
        }
        #expect(count > 100)
    }

    /// As a type, a function of one, a file or a folder of a target is written.
    private static func isName(_ span: String) -> Bool {
        span.wholeMatch(of: /[A-Z][A-Za-z0-9]+(?:[.+\/][A-Za-z0-9+{},]+)*(?:\([^)]*\))?/) != nil
    }

    /// `OneTimeLinks/{Links,Mail}` as two paths.
    private static func expanded(_ span: String) -> [String] {
        guard let group = span.firstMatch(of: /\{([^}]*)\}/) else { return [span] }
        return group.output.1.split(separator: ",").map { span.replacingCharacters(in: group.range, with: String($0)) }
    }
}
