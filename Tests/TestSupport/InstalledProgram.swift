import Foundation

/// Programs that a test can do without.
public enum InstalledProgram {
    /// True if a program of that name stands in a folder of PATH.
    public static func isHere(_ name: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }
}
