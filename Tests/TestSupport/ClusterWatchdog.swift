import Foundation

/// Stops a server and removes its folder when this object, or the process, ends. A shell waits for the end of a pipe whose
/// other end only we hold, so that it works after a crash and after SIGKILL too.
final class ClusterWatchdog: Sendable {
    private let end: Int32

    init(directory: String, stop: [String]) throws {
        let script = """
            trap '' INT TERM HUP
            cat > /dev/null
            cd /
            "$@" stop -s -m immediate -D \(directory)/data > /dev/null 2>&1
            rm -rf \(directory)
            """
        let pipe = try Spawn.makePipe()
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer {
            close(pipe.reader)
            close(null)
        }
        end = pipe.writer
        let processID = try Spawn.start(
            "/bin/sh", ["-c", script, "sh"] + stop, environment: ProcessInfo.processInfo.environment, directory: "/",
            input: pipe.reader, output: null, errors: null)
        // Collects the shell if the cluster ends before the process.
        Spawn.waitForEnd(of: processID) { _ in }
    }

    deinit {
        close(end)
    }
}
