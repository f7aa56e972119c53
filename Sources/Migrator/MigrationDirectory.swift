import Foundation

/// The migrations of a program, in order, numbered from 1 without gaps.
///
/// What has to wait for the next release, because programs of the release before still need what it takes away, is held back:
/// it lies in the folder `next` beside the numbered files, without a number, and is not applied. The next release moves it up
/// and gives it a number.
public struct MigrationDirectory: Sendable {
    /// The files, by number.
    public let files: [MigrationFile]
    /// What the next release applies: names without numbers, in their order.
    public private(set) var heldBack: [HeldMigration] = []

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
        let files = try scripts(in: path, MigrationFile.init(name:content:))
        guard !files.isEmpty else { throw .empty(path) }
        var directory = try MigrationDirectory(files)
        directory.heldBack = try held(in: path + "/" + heldFolder)
        return directory
    }

    /// The folder of what is held back.
    static let heldFolder = "next"

    /// None where there is no such folder.
    private static func held(in path: String) throws(MigrationError) -> [HeldMigration] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try scripts(in: path, HeldMigration.init(name:content:))
    }

    /// What all `.sql` files of a folder are read as, by name.
    private static func scripts<Script>(
        in path: String, _ read: (String, Data) throws(MigrationError) -> Script
    ) throws(MigrationError) -> [Script] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw .unreadable(path) }
        var scripts: [Script] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            guard let content = FileManager.default.contents(atPath: path + "/" + name) else {
                throw .unreadable(path + "/" + name)
            }
            scripts.append(try read(name, content))
        }
        return scripts
    }

    /// The migrations as the next release has them: what is held back comes last, with the next numbers.
    public func ofNextRelease() throws(MigrationError) -> MigrationDirectory {
        var files = files
        for held in heldBack { files.append(try held.numbered(files.count + 1)) }
        return try MigrationDirectory(files)
    }
}

/// A file that the next release applies.
public struct HeldMigration: Sendable, Equatable {
    /// The file's name, as `narrower_mail_role.sql`.
    public let name: String
    private let content: Data

    /// Reads a file's name and bytes. Throws ``MigrationError``, as for a file that is applied.
    init(name: String, content: Data) throws(MigrationError) {
        self.name = name
        self.content = content
        guard name.first?.isNumber == false else { throw .numberedAhead(name) }
        _ = try numbered(1)
    }

    func numbered(_ number: Int) throws(MigrationError) -> MigrationFile {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
        return try MigrationFile(name: "\(zeros)\(digits)_\(name)", content: content)
    }
}
