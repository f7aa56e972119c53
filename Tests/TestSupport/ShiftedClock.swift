import Foundation
import Synchronization

/// A clock that runs so many seconds beside the machine's, for programs that are started with its environment. It can jump while
/// they run.
public final class ShiftedClock: Sendable {
    private static let library = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "libShiftedClock.so").path

    private let file: String
    private let shift = Mutex<Int64>(0)

    /// Why there is no such clock.
    public struct Unavailable: Error, CustomStringConvertible {
        /// What is missing, and what helps.
        public let description: String
    }

    /// - Throws: ``Unavailable`` if its library was not built.
    public init(_ seconds: Int64 = 0) throws {
        guard FileManager.default.fileExists(atPath: Self.library) else {
            throw Unavailable(
                description: "libShiftedClock.so is missing beside this program: swift build --product ShiftedClock")
        }
        // The database's user reads it too.
        file = "/tmp/otalink-clock-\(UUID())"
        try write(seconds, making: true)
        chmod(file, 0o644)
    }

    deinit { unlink(file) }

    public var environment: [String: String] { ["LD_PRELOAD": Self.library, "SHIFTED_CLOCK": file] }

    /// What it shows now.
    public var now: Date { Date().addingTimeInterval(TimeInterval(shift.withLock { $0 })) }

    /// Lets it jump to a time.
    public func set(_ time: Date) throws { try write(Int64(time.timeIntervalSinceNow.rounded())) }

    /// Lets it jump ahead.
    public func advance(_ seconds: Int64) throws { try write(shift.withLock { $0 } + seconds) }

    private func write(_ seconds: Int64, making isNew: Bool = false) throws {
        shift.withLock { $0 = seconds }
        var value = seconds
        let data = withUnsafeBytes(of: &value) { Data($0) }
        if isNew { return try data.write(to: URL(fileURLWithPath: file)) }
        // In place: programs have the file mapped.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.write(contentsOf: data)
        try handle.close()
    }
}
