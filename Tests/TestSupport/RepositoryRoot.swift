import Foundation

/// Where the repository lies, found from this file's place in it.
public enum RepositoryRoot {
    /// The absolute path of the folder that holds Package.swift.
    public static let path: String = {
        let file = URL(fileURLWithPath: #filePath)
        return file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }()
}
