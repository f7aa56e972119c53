import ArgumentParser
import Foundation

/// A secret in a file of its own, so that it stands in no process list.
enum SecretFile {
    static func text(at path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("The file \(path) cannot be read.")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard !text.isEmpty else { throw ValidationError("The file \(path) is empty.") }
        return text
    }
}
