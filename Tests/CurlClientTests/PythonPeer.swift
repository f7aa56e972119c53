import Foundation

/// A server in a process of its own, written in Python. It ends with its standard input: when `end()` is called, and
/// also if the tests crash.
struct PythonPeer: Sendable {
    let port: Int
    private let input: FileHandle
    private let output: LineReader

    /// Starts `Peers/<script>` and waits for the port that it prints.
    static func start(_ script: String, _ arguments: [String] = []) async throws -> PythonPeer {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Peers/\(script)").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let reader = LineReader(output.fileHandleForReading)
        guard let port = await reader.next().flatMap({ Int($0) }) else { throw NoPort(script: script) }
        return PythonPeer(port: port, input: input.fileHandleForWriting, output: reader)
    }

    struct NoPort: Error {
        let script: String
    }

    /// Ends the process and returns the lines that it has printed after the port.
    @discardableResult
    func end() async -> [String] {
        try? input.close()
        var lines: [String] = []
        while let line = await output.next() { lines.append(line) }
        return lines
    }
}

/// The lines of a pipe, read on a thread that may block.
private final class LineReader: Sendable {
    private let handle: FileHandle
    private let queue = DispatchQueue(label: "peer-output")

    init(_ handle: FileHandle) {
        self.handle = handle
    }

    /// Nil at the end.
    func next() async -> String? {
        await withCheckedContinuation { continuation in
            queue.async { [handle] in
                var line: [UInt8] = []
                while let byte = try? handle.read(upToCount: 1)?.first {
                    if byte == UInt8(ascii: "\n") {
                        return continuation.resume(returning: String(decoding: line, as: UTF8.self))
                    }
                    line.append(byte)
                }
                continuation.resume(returning: line.isEmpty ? nil : String(decoding: line, as: UTF8.self))
            }
        }
    }
}
