import Foundation
import TestSupport
import Testing

/// A file of the repository that is made from the program or the schema. A test compares it; with
/// `OTALINK_WRITE_DOCUMENTS=1`, as the target of the Makefile sets it, the same test writes it.
struct GeneratedFile {
    /// Below the root of the repository.
    let path: String
    /// The target of the Makefile that writes it.
    let target: String

    private var isWriting: Bool { ProcessInfo.processInfo.environment["OTALINK_WRITE_DOCUMENTS"] == "1" }

    /// Fails with the first line that differs.
    ///
    /// - Parameter comparable: what is compared of both texts; all of them by default.
    func check(_ wanted: String, comparable: (String) -> String = { $0 }) throws {
        let place = "\(RepositoryRoot.path)/\(path)"
        if isWriting { return try wanted.write(toFile: place, atomically: true, encoding: .utf8) }
        let found = comparable((try? String(contentsOfFile: place, encoding: .utf8)) ?? "").lines
        let wanted = comparable(wanted).lines
        guard found != wanted else { return }
        let index = zip(found, wanted).prefix { $0 == $1 }.count
        func line(_ lines: [Substring]) -> Substring { index < lines.count ? lines[index] : "(the end)" }
        Issue.record(
            """
            \(path) is not up to date. Run: make \(target)
            line \(index + 1) is: \(line(found))
            and should be: \(line(wanted))
            """)
    }
}

extension String {
    fileprivate var lines: [Substring] { split(separator: "\n", omittingEmptySubsequences: false) }
}
