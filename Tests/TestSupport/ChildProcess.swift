import Foundation
import Synchronization

/// A program that a test runs, with its output captured.
public final class ChildProcess: Sendable {
    /// How a program ended, and what it wrote.
    public struct Finished: Sendable {
        /// The exit code, or 128 plus the signal's number.
        public let status: Int32
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let errors: String
    }

    /// A program that should have succeeded ended with another status.
    public struct Failure: Error, CustomStringConvertible {
        /// The program's name.
        public let program: String
        /// How it ended.
        public let finished: Finished

        /// The status and what was written.
        public var description: String {
            "\(program) ended with status \(finished.status)\n\(finished.errors)\(finished.output)"
        }
    }

    fileprivate struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var openStreams = 2
        var status: Int32?
        var finishWaiters: [CheckedContinuation<Void, Never>] = []
        var textWaiters: [(text: [UInt8], continuation: CheckedContinuation<Bool, Never>)] = []

        var isFinished: Bool { openStreams == 0 && status != nil }
    }

    private enum Stream {
        case output
        case errors
    }

    /// The id of the process.
    public let processID: Int32
    private let program: String
    private let state = Mutex(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: a path, or a name that is looked for in PATH.
    ///   - arguments: its arguments.
    ///   - environment: added to the test's own.
    ///   - directory: the working directory, the test's by default.
    ///   - input: what it reads from standard input.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
        input: Data = Data()
    ) throws {
        program = executable
        let source = try Spawn.makePipe()
        let output = try Spawn.makePipe()
        let errors = try Spawn.makePipe()
        defer { for end in [source.reader, output.writer, errors.writer] { close(end) } }
        do {
            processID = try Spawn.start(
                executable, arguments,
                environment: ProcessInfo.processInfo.environment.merging(environment) { _, added in added },
                directory: directory, input: source.reader, output: output.writer, errors: errors.writer)
        } catch {
            for end in [source.writer, output.reader, errors.reader] { close(end) }
            throw error
        }
        Spawn.waitForEnd(of: processID) { [self] status in change { $0.status = status } }
        read(output.reader, .output)
        read(errors.reader, .errors)
        feed(input, to: source.writer)
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``Failure`` if its status is not 0.
    @discardableResult
    public static func run(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
        input: Data = Data()
    ) async throws -> Finished {
        let child = try ChildProcess(
            executable, arguments, environment: environment, directory: directory, input: input)
        let finished = await child.finished()
        guard finished.status == 0 else { throw Failure(program: executable, finished: finished) }
        return finished
    }

    /// Waits until the program has ended and closed its output. If the test is cancelled meanwhile, as by its time limit, the program is killed.
    public func finished() async -> Finished {
        await killedWhenCancelled {
            await withCheckedContinuation { continuation in
                let isFinished = state.withLock { state in
                    if !state.isFinished { state.finishWaiters.append(continuation) }
                    return state.isFinished
                }
                if isFinished { continuation.resume() }
            }
        }
        return state.withLock { state in
            Finished(
                status: state.status ?? -1, output: String(decoding: state.output, as: UTF8.self),
                errors: String(decoding: state.errors, as: UTF8.self))
        }
    }

    /// Waits until the program has written the text, to either of its outputs. False if it ended without.
    public func writes(_ text: String) async -> Bool {
        await killedWhenCancelled {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.contains(Array(text.utf8)) { return true }
                    if state.isFinished { return false }
                    state.textWaiters.append((Array(text.utf8), continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        }
    }

    /// What a cancelled test runs to clean up goes on.
    private func killedWhenCancelled<R: Sendable>(_ wait: () async -> R) async -> R {
        if Task.isCancelled { return await wait() }
        return await withTaskCancellationHandler(operation: wait) { kill() }
    }

    /// True once the program has ended.
    public var hasEnded: Bool { state.withLock { $0.status != nil } }

    /// Asks the program to end (SIGTERM).
    public func terminate() { signal(SIGTERM) }

    /// Ends the program (SIGKILL).
    public func kill() { signal(SIGKILL) }

    /// Sends a signal, unless the program has ended: its id may belong to another by then.
    public func signal(_ number: Int32) {
        state.withLock { state in
            if state.status == nil { Foundation.kill(processID, number) }
        }
    }

    // MARK: Streams

    private func read(_ descriptor: Int32, _ stream: Stream) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = Foundation.read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                change { state in
                    switch stream {
                    case .output: state.output += buffer[..<count]
                    case .errors: state.errors += buffer[..<count]
                    }
                }
            }
            close(descriptor)
            change { $0.openStreams -= 1 }
        }
    }

    private func feed(_ input: Data, to descriptor: Int32) {
        Thread.detachNewThread {
            // A program that ends without reading all of it is no error here.
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try? handle.write(contentsOf: input)
            close(descriptor)
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let (done, texts): ([CheckedContinuation<Void, Never>], [(CheckedContinuation<Bool, Never>, Bool)]) =
            state.withLock { state in
                body(&state)
                var texts: [(CheckedContinuation<Bool, Never>, Bool)] = []
                let waiters = state.textWaiters
                state.textWaiters.removeAll()
                for waiter in waiters {
                    let isFound = state.contains(waiter.text)
                    if isFound || state.isFinished {
                        texts.append((waiter.continuation, isFound))
                    } else {
                        state.textWaiters.append(waiter)
                    }
                }
                guard state.isFinished else { return ([], texts) }
                defer { state.finishWaiters.removeAll() }
                return (state.finishWaiters, texts)
            }
        for waiter in done { waiter.resume() }
        for (waiter, isFound) in texts { waiter.resume(returning: isFound) }
    }
}

extension ChildProcess.State {
    func contains(_ text: [UInt8]) -> Bool {
        output.contains(text) || errors.contains(text)
    }
}
