import Foundation
import Synchronization

/// Starts programs with `posix_spawn`.
///
/// Not with Foundation's `Process`: on Linux that notices the end of a program by a socket which the program's own children
/// inherit, so the end of `pg_ctl start` would be noticed only when the server ends.
enum Spawn {
    struct Failure: Error, CustomStringConvertible {
        let program: String
        let code: Int32
        var description: String { "\(program) cannot be started: \(String(cString: strerror(code)))" }
    }

    /// Held while descriptors are made that others must not inherit, and while a program starts.
    private static let descriptors = Mutex(())

    /// A pipe whose ends no other program inherits.
    static func makePipe() throws -> (reader: Int32, writer: Int32) {
        try descriptors.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Failure(program: "pipe", code: errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
    }

    /// Starts a program that gets three descriptors and no others, and returns its process id.
    static func start(
        _ program: String, _ arguments: [String], environment: [String: String], directory: String?,
        input: Int32, output: Int32, errors: Int32
    ) throws -> pid_t {
        let path = try path(of: program)
        // posix_spawn cannot change the folder in a portable way; a shell can, and then becomes the program.
        let command = directory.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0, path] } ?? [path]
        var argumentPointers = (command + arguments).map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + environmentPointers).forEach { free($0) } }

        return try descriptors.withLock { _ in
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            for (source, target) in [(input, Int32(0)), (output, 1), (errors, 2)] {
                posix_spawn_file_actions_adddup2(&actions, source, target)
            }
            let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
            // Threads of the concurrency runtime block signals; a program that inherits that never sees its own alarms.
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var unblocked = sigset_t()
            sigemptyset(&unblocked)
            posix_spawnattr_setsigmask(&attributes, &unblocked)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
            var processID: pid_t = 0
            let code = posix_spawn(
                &processID, command[0], &actions, &attributes, &argumentPointers, &environmentPointers)
            guard code == 0 else { throw Failure(program: program, code: code) }
            return processID
        }
    }

    /// Waits for a program's end on a thread of its own. The status is the exit code, or 128 plus the signal's number.
    static func waitForEnd(of processID: pid_t, _ handler: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(processID, &status, 0) == -1, errno == EINTR {}
            let signal = status & 0x7f
            handler(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
        }
    }

    private static func path(of program: String) throws -> String {
        if program.contains("/") { return program }
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let folders = search.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        for folder in folders where access("\(folder)/\(program)", X_OK) == 0 { return "\(folder)/\(program)" }
        throw Failure(program: program, code: ENOENT)
    }
}
