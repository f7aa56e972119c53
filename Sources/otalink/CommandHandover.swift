import Foundation
import MailMessage

/// Gives a message to another command, which takes this process over: its exit code is ours.
struct CommandHandover {
    /// The unnamed file that the message is written to first, so that the command starts only when it is whole.
    let file: Int32

    init(directory: String) throws {
        var template = Array("\(directory)/otalink-XXXXXX".utf8CString)
        file = mkstemp(&template)
        guard file >= 0 else { throw Failure(call: "mkstemp", number: errno) }
        unlink(template)
    }

    /// Becomes the command, run by the shell, with the message on its standard input. Returns only by throwing.
    ///
    /// The exit code is the command's own if a mail server is to take it for final (``finalCodes``), else 75: the desk's mail reader
    /// ends with 1 while its database is away, which mail servers take for a refusal.
    func become(_ command: String) throws -> Never {
        try become("/bin/sh", ["-c", Self.watch, "otalink", command])
    }

    /// Codes of sysexits.h that refuse this mail, whenever it comes: bad data, no such user or host, a service that is not there,
    /// a protocol that is not kept, no permission.
    static let finalCodes = [65, 67, 68, 69, 76, 77]

    /// The signals go on to the command, so that it does not outlive a mail server's time limit. A shell takes the standard input
    /// away from what it runs beside itself, hence the second descriptor.
    private static let watch = """
        exec 3<&0
        /bin/sh -c "$1" <&3 3<&- & child=$!
        exec <&- 3<&-
        trap 'kill -s TERM "$child" 2>/dev/null' HUP INT TERM
        wait "$child"; status=$?
        while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
        case $status in 0|\(finalCodes.map(String.init).joined(separator: "|"))) exit "$status" ;; esac
        echo "otalink mail inbound: the command behind --then ended with $status; the mail server keeps the mail" >&2
        exit 75
        """

    /// Becomes a program, with the message on its standard input. Returns only by throwing.
    func become(_ program: String, _ arguments: [String]) throws -> Never {
        guard lseek(file, 0, SEEK_SET) == 0, dup2(file, 0) == 0 else { throw Failure(call: "dup2", number: errno) }
        try Self.become(program, arguments)
    }

    /// Becomes a program. Returns only by throwing.
    static func become(_ program: String, _ arguments: [String]) throws -> Never {
        // The command starts with signals as a shell would have them, not as our threads do.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        signal(SIGPIPE, SIG_DFL)
        let words: [UnsafeMutablePointer<CChar>?] =
            ([program] + arguments).map { (word: String) in strdup(word) } + [nil]
        execv(program, words)
        throw Failure(call: "starting \(program)", number: errno)
    }

    /// Runs a program with a message on its standard input, and waits for its end.
    ///
    /// - Returns: its exit code, or 128 plus the number of the signal that ended it.
    static func run(_ program: String, _ arguments: [String], input: EditedMessage, directory: String) throws -> Int32 {
        let spool = FileHandle(fileDescriptor: try CommandHandover(directory: directory).file, closeOnDealloc: true)
        try input.write(to: spool.fileDescriptor)
        try spool.seek(toOffset: 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = spool
        try process.run()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    struct Failure: Error, CustomStringConvertible {
        let call: String
        let number: Int32

        var description: String { "\(call) failed: \(String(cString: strerror(number)))" }
    }
}
