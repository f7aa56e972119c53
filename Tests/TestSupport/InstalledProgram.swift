import Foundation

/// Programs that a test can do without.
public enum InstalledProgram {
    /// True if a program of that name stands in a folder of PATH.
    public static func isHere(_ name: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    /// True if Python is here, with a module of that name.
    public static func hasPython(_ module: String) -> Bool {
        guard isHere("python3") else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import \(module)"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
