/// The program's files compared with what the database has: pure.
public struct MigrationStatus: Sendable, Equatable {
    /// One migration's state.
    public enum Entry: Sendable, Equatable {
        /// Applied, with the text that the program has.
        case applied(AppliedMigration)
        /// Not applied yet.
        case pending(MigrationFile)
        /// Applied, but with another text than the program has.
        case edited(AppliedMigration, MigrationFile)
        /// Applied, the program has no such file, but has later ones: a file was lost.
        case missing(AppliedMigration)
        /// Applied by a newer release than this program's.
        case newer(AppliedMigration)
    }

    /// All migrations that either side knows, by number.
    public let entries: [Entry]

    init(files: [MigrationFile], applied: [AppliedMigration]) {
        let byNumber = Dictionary(applied.map { ($0.version, $0) }) { first, _ in first }
        let known = Set(files.map(\.number))
        let last = files.last?.number ?? 0
        var entries: [(number: Int, entry: Entry)] = files.map { file in
            guard let record = byNumber[file.number] else { return (file.number, .pending(file)) }
            let isSame = record.checksum == file.checksum
            return (file.number, isSame ? .applied(record) : .edited(record, file))
        }
        for record in applied where !known.contains(record.version) {
            entries.append((record.version, record.version > last ? .newer(record) : .missing(record)))
        }
        self.entries = entries.sorted { $0.number < $1.number }.map(\.entry)
    }

    /// The files to apply.
    public var pending: [MigrationFile] {
        entries.compactMap { if case .pending(let file) = $0 { file } else { nil } }
    }

    /// What the database has and the program does not know.
    public var unknown: [AppliedMigration] {
        entries.compactMap { entry in
            switch entry {
            case .missing(let record), .newer(let record): record
            case .applied, .pending, .edited: nil
            }
        }
    }

    /// What is still held back, of what the program holds back: a newer release applies it under a number of its own.
    public func stillHeldBack(_ files: [HeldMigration]) -> [HeldMigration] {
        let names = Set(unknown.map { $0.name.drop(while: \.isNumber) })
        return files.filter { !names.contains("_" + $0.name) }
    }

    /// Throws ``MigrationError`` (`edited`) for the first file that was changed after it had been applied.
    func requireUnchanged() throws(MigrationError) {
        for case .edited(let record, let file) in entries {
            throw .edited(file: file.name, recorded: record.checksum, found: file.checksum)
        }
    }

    /// Throws ``MigrationError`` if applying the pending files would be unsafe. Migrations that only the database knows are no
    /// obstacle as long as nothing is pending: a newer release migrates before the last replica of the old one is gone.
    func requireSafe() throws(MigrationError) {
        try requireUnchanged()
        guard let first = pending.first else { return }
        let highest = entries.compactMap(\.appliedVersion).max() ?? 0
        if first.number < highest { throw .outOfOrder(file: first.name, highestApplied: highest) }
        if !unknown.isEmpty { throw .unknownBelow(applied: unknown, pending: pending.map(\.name)) }
    }
}

extension MigrationStatus.Entry {
    var appliedVersion: Int? {
        switch self {
        case .applied(let record), .edited(let record, _), .missing(let record), .newer(let record): record.version
        case .pending: nil
        }
    }
}
