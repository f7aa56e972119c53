import Foundation

/// Programs that a test writes down and runs.
public enum ScriptFile {
    /// Writes an executable file.
    ///
    /// Another process writes it: had a test in parallel just started a program while this process held the file open for
    /// writing, the kernel would refuse to run it ("Text file busy") until that program is under way.
    public static func write(_ text: String, to path: String) async throws {
        try await ChildProcess.run("sh", ["-c", "cat >\"$0\" && chmod 755 \"$0\"", path], input: Data(text.utf8))
    }

    /// Copies a program, for the same reason in another process.
    public static func copy(_ program: String, to path: String) async throws {
        try await ChildProcess.run("cp", [program, path])
    }
}
