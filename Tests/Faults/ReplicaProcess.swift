import CurlClient
import Foundation
import Synchronization
import TestSupport

/// A replica as a process of its own, which may be killed and started again on the same port.
final class ReplicaProcess: Sendable {
    /// From 1.
    let number: Int
    let port: UInt16
    private let environment: [String: String]
    private let state = Mutex(State())

    private struct State {
        var process: ChildProcess?
        var starts = 0
        var hasLoggedSecrets = false
    }

    init(number: Int, environment: [String: String]) throws {
        self.number = number
        port = try FreePort.find()
        self.environment = environment.merging(["OTALINK_LISTEN": "127.0.0.1:\(port)"]) { _, own in own }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// By which the running process signs its claims; each start has another.
    var name: String { "replica\(number)-\(state.withLock(\.starts))" }

    /// The running process.
    var process: ChildProcess? { state.withLock(\.process) }

    /// Whether any of its processes that have ended wrote something into its log that signs somebody in.
    var hasLoggedSecrets: Bool { state.withLock(\.hasLoggedSecrets) }

    /// Starts it and waits until it listens. The process before has ended.
    func start() async throws {
        await readLog()
        state.withLock { $0.starts += 1 }
        let process = try ChildProcess(
            BuiltProgram.otalink, ["serve"],
            environment: environment.merging(["OTALINK_REPLICA_NAME": name]) { _, own in own })
        state.withLock { $0.process = process }
        guard await process.writes("listening on") else {
            throw Broken("replica \(number) did not start: \(await process.finished().errors.suffix(2_000))")
        }
    }

    /// kill -9, and waits until it is gone.
    func kill() async {
        process?.kill()
        await readLog()
    }

    /// Waits until the process has ended.
    private func readLog() async {
        guard let finished = await process?.finished() else { return }
        // A token, a cookie or a key is as long.
        let isSecret = (finished.errors + finished.output).firstMatch(of: /[0-9A-Za-z_-]{43}/) != nil
        if isSecret { state.withLock { $0.hasLoggedSecrets = true } }
    }

    /// Whether it calls itself ready.
    func isReady(_ client: CurlClient) async -> Bool {
        let question = HTTPRequest(url: url + "/health/ready", timeout: .seconds(2))
        return (try? await client.send(question).status) == 200
    }
}

/// A program that was built beside this one.
enum BuiltProgram {
    static let otalink = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "otalink").path
}

/// Something that a fault needs did not come up, or did not behave.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
