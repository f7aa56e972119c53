import Foundation

/// The migrations of a program, in order, numbered from 1 without gaps.
public struct MigrationDirectory: Sendable {
    /// The files, by number.
    public let files: [MigrationFile]

    /// Checks that numbers follow one another. Throws ``MigrationError``.
    public init(_ files: [MigrationFile]) throws(MigrationError) {
        let sorted = files.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        for (index, file) in sorted.enumerated() {
            if index > 0, sorted[index - 1].number == file.number {
                throw .duplicateNumber(sorted[index - 1].name, file.name)
            }
            guard file.number == index + 1 else { throw .gap(expected: index + 1, found: file.name) }
        }
        self.files = sorted
    }

    /// Reads all `.sql` files of a folder. Throws ``MigrationError`` for a folder that cannot be read or holds none, for names that
    /// are no migrations, and for numbers that are missing or given twice.
    public static func load(_ path: String) throws(MigrationError) -> MigrationDirectory {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw .unreadable(path) }
        var files: [MigrationFile] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            guard let content = FileManager.default.contents(atPath: path + "/" + name) else {
                throw .unreadable(path + "/" + name)
            }
            files.append(try MigrationFile(name: name, content: content))
        }
        guard !files.isEmpty else { throw .empty(path) }
        return try MigrationDirectory(files)
    }
}
