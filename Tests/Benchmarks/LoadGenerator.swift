import Foundation
import TestSupport

/// wrk, from Debian: a bounded load from a process of its own.
struct LoadGenerator {
    struct Result {
        /// Requests a second.
        let rate: Double
        /// Latencies, as wrk writes them.
        let median: String
        let slowest: String
        /// Answers that were neither 2xx nor 3xx nor what the run expects.
        let failures: Int
    }

    let seconds: Int
    let directory: URL
    var connections = 64
    /// Between an answer and the next request of a connection; nil: none.
    var pause: Duration?

    /// Loads an address for the time, on the connections of one thread.
    func run(_ url: String, headers: [String: String] = [:], script: String? = nil) async throws -> Result {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency"]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if var script {
            if let pause { script += "\ndelay = function() return \(Int(pause / .milliseconds(1))) end\n" }
            let file = directory.appending(path: "load.lua")
            try script.write(to: file, atomically: true, encoding: .utf8)
            arguments += ["-s", file.path]
        }
        let output = try await ChildProcess.run("wrk", arguments + [url]).output
        func value(_ pattern: Regex<(Substring, Substring)>) -> String {
            output.firstMatch(of: pattern).map { String($0.1) } ?? "-"
        }
        let isForged = url.contains("/l/")
        let failed = Int(value(/Non-2xx or 3xx responses: ([0-9]+)/)) ?? 0
        return Result(
            rate: Double(value(/Requests\/sec:\s+([0-9.]+)/)) ?? 0, median: value(/\n\s+50%\s+(\S+)/),
            // A forged token is answered with 410.
            slowest: value(/\n\s+99%\s+(\S+)/), failures: isForged ? 0 : failed)
    }
}
