import Foundation

/// What the kernel knows of this process, from `/proc`; a value is nil where it cannot be read.
public struct ProcessFacts: Sendable {
    /// Seconds since 1970.
    public var startTime: Double?
    /// In user and system mode.
    public var cpuSeconds: Double?
    public var residentBytes: Double?
    public var openDescriptors: Double?

    /// As of now; proc(5) has the fields.
    public static func read() -> ProcessFacts {
        // The name of the program may hold spaces and brackets; behind its last bracket the fields are counted from the third.
        let fields = text("/proc/self/stat").split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
        func field(_ number: Int) -> Double? { number - 3 < fields.count ? Double(fields[number - 3]) : nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let boot = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
        var facts = ProcessFacts()
        if let user = field(14), let system = field(15) { facts.cpuSeconds = (user + system) / ticks }
        if let boot, let start = field(22) { facts.startTime = boot + start / ticks }
        if let pages = field(24) { facts.residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE))) }
        facts.openDescriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map {
            Double($0.count)
        }
        return facts
    }

    private static func text(_ path: String) -> String {
        // Files of the kernel's have no size, so their end has to be read.
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
