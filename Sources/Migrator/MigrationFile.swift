import Crypto
import Foundation

/// One numbered SQL file.
public struct MigrationFile: Sendable, Equatable {
    /// The number that the name begins with, from 1.
    public let number: Int
    /// The file's name, as `0001_customers.sql`.
    public let name: String
    /// The SQL text.
    public let text: String
    /// SHA-256 over the file's bytes, 64 lower-case hexadecimal digits.
    public let checksum: String
    /// Whether the file and its record are one transaction. A comment `-- otalink: no-transaction` before the first statement
    /// turns it off, for statements such as CREATE INDEX CONCURRENTLY; each statement then takes effect by itself, and the
    /// file must be written so that it can be run again after it failed halfway.
    public let isTransactional: Bool

    let script: SQLScript

    /// Reads a file's name and bytes. Throws ``MigrationError``.
    public init(name: String, content: Data) throws(MigrationError) {
        guard let number = Self.number(in: name) else { throw .badName(name) }
        guard let text = String(validating: content, as: UTF8.self) else { throw .notText(name) }
        self.number = number
        self.name = name
        self.text = text
        checksum = SHA256.hash(data: content).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        let directives = try Self.directives(in: text, file: name)
        isTransactional = !directives.contains("no-transaction")
        script = SQLScript(text)
        if isTransactional, let control = script.statements.first(where: \.isTransactionControl) {
            throw .transactionControl(file: name, line: control.line, statement: control.firstLine)
        }
    }

    /// Four or more digits, an underscore, then lower-case letters, digits, `_` and `-`, and `.sql`.
    private static func number(in name: String) -> Int? {
        guard name.hasSuffix(".sql") else { return nil }
        let stem = name.dropLast(4)
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(digits.count)
        guard digits.count >= 4, rest.first == "_", rest.count > 1,
            rest.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_" || $0 == "-") }),
            let number = Int(digits), number > 0
        else { return nil }
        return number
    }

    /// The words after `-- otalink:` in the comment lines that the file begins with.
    private static func directives(in text: String, file: String) throws(MigrationError) -> Set<String> {
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard line.isEmpty || line.hasPrefix("--") else { break }
            let comment = line.drop { $0 == "-" }.trimmingCharacters(in: .whitespaces)
            guard comment.hasPrefix("otalink:") else { continue }
            let directive = comment.dropFirst("otalink:".count).trimmingCharacters(in: .whitespaces)
            guard directive == "no-transaction" else {
                throw .unknownDirective(file: file, directive: directive)
            }
            found.insert(directive)
        }
        return found
    }
}
