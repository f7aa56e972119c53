import ArgumentParser
import Foundation

/// A file that is read piece by piece.
final class ImportFile {
    /// In bytes; 0 where it is not known beforehand.
    let size: Int
    private(set) var bytesRead = 0
    private let handle: FileHandle

    /// - Parameter path: `-` for standard input.
    init(path: String) throws {
        guard let handle = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path) else {
            throw ValidationError("The file \(path) cannot be read.")
        }
        self.handle = handle
        var status = stat()
        let isKnown = fstat(handle.fileDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isKnown ? Int(status.st_size) : 0
    }

    /// The next piece; empty at the end.
    func next() throws -> [UInt8] {
        let piece = try handle.read(upToCount: 65_536) ?? Data()
        bytesRead += piece.count
        return Array(piece)
    }
}

/// A line on standard error that grows while rows are read, where somebody sits before it.
struct ImportProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private static let width = 40

    /// - Parameter whole: 0 where it is not known.
    func show(_ part: Int, of whole: Int, rows: Int) {
        guard isTerminal else { return }
        let share = whole > 0 ? min(1, Double(part) / Double(whole)) : 0
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        FileHandle.standardError.write(Data((whole > 0 ? "\r[\(bar)] \(rows) rows" : "\r\(rows) rows").utf8))
    }

    /// Leaves the line to what comes next.
    func end() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\n".utf8))
    }
}
