import Foundation
import TestSupport
import Testing

@Suite("The tests themselves")
struct SuiteTests {
    /// Ways to wait for something that may never come.
    private static let waits = [
        "for await ", "for try await ", "Task.yield()", "giveWay()", "await eventually", ".reach(", "await seen.next",
        "await events.next",
        "await iterator.next", "while try await ", "while await ",
    ]

    @Test("A suite that waits for something has a time limit, and no test waits for a time")
    func waiting() throws {
        let folder = RepositoryRoot.path + "/Tests"
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
            .filter { $0.hasSuffix("Tests.swift") }
        #expect(files.count > 150)
        for file in files where !file.hasSuffix("/SuiteTests.swift") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            #expect(!text.contains("Task.sleep(") && !text.contains("usleep("), "\(file) waits for a time")
            guard text.contains("@Suite("), let wait = Self.waits.first(where: text.contains) else { continue }
            #expect(text.contains(".timeLimit("), "\(file) waits without limit: \(wait)")
        }
    }

    @Test("No two suites, nor files with tests, share a name")
    func names() throws {
        let folder = RepositoryRoot.path + "/Tests"
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
        let suites = try files.flatMap { file in
            try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                .matches(of: /\n(?:struct|final class) (\w+Tests)\b/).map { String($0.1) }
        }
        let tests = files.map { ($0 as NSString).lastPathComponent }.filter { $0.hasSuffix("Tests.swift") }
        #expect(suites.count > 200)
        for names in [suites, tests] {
            let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
            #expect(counts.filter { $0.value > 1 }.isEmpty)
        }
    }

    @Test("Whatever a value is, spoiling it changes it")
    func spoiled() {
        for byte in UInt8.min...UInt8.max {
            let text = String(byte, radix: 16)
            #expect(text.spoiled() != text && text.spoiled(at: text.count - 1) != text)
            #expect([byte, byte].spoiled() != [byte, byte] && [byte, byte].spoiled(fromEnd: 1).last == byte)
        }
    }

    @Test("A port is given out once, and is free")
    func ports() throws {
        let ports = try (0..<250).map { _ in try FreePort.find() }
        #expect(Set(ports).count == ports.count)
    }
}
