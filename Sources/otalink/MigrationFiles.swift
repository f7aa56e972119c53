import ArgumentParser
import Foundation
import OneTimeLinks

/// Where the migration files are.
enum MigrationFiles {
    /// Beside the program or beside a symbolic link by which it was called, in the source tree that it was built in, or in the
    /// installed place.
    ///
    /// - Throws: `ValidationError` with the places that were looked at.
    static func path() throws -> String {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = candidates(program: program, called: called(CommandLine.arguments.first ?? "", search: search))
        guard let found = candidates.first(where: isDirectory) else {
            throw ValidationError(
                "The migration files, which is the directory migrations/ of the source, were found in none of "
                    + "\(candidates.joined(separator: ", ")). Copy the directory to one of these places; otalink migrate and otalink "
                    + "doctor also take --directory DIRECTORY.")
        }
        return found
    }

    /// The places in the order in which they count.
    static func candidates(program: URL, called: URL?) -> [String] {
        var candidates: [String] = []
        for directory in [program, called].compactMap({ $0?.deletingLastPathComponent().standardizedFileURL }) {
            candidates.append(directory.appending(path: "share/otalink/migrations").path)
            candidates.append(
                directory.deletingLastPathComponent().appending(path: "share/otalink/migrations").path)
            candidates.append(directory.appending(path: "migrations").path)
        }
        // The folder of a build is some levels below the source.
        var directory = program.deletingLastPathComponent()
        for _ in 0..<4 {
            directory.deleteLastPathComponent()
            candidates.append(directory.appending(path: "migrations").path)
        }
        candidates.append("/usr/share/otalink/migrations")
        var seen: Set<String> = []
        return candidates.filter { seen.insert($0).inserted }
    }

    /// The file that was called, which may be a symbolic link to the program; a bare name is looked for as a shell does.
    private static func called(_ argument: String, search: String) -> URL? {
        if argument.contains("/") { return URL(fileURLWithPath: argument) }
        guard !argument.isEmpty else { return nil }
        return search.split(separator: ":").map { URL(fileURLWithPath: String($0)).appending(path: argument) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
