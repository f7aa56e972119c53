import Foundation

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
    func become(_ command: String) throws -> Never {
        guard lseek(file, 0, SEEK_SET) == 0, dup2(file, 0) == 0 else { throw Failure(call: "dup2", number: errno) }
        // The command starts with signals as a shell would have them, not as our threads do.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        signal(SIGPIPE, SIG_DFL)
        let arguments: [UnsafeMutablePointer<CChar>?] =
            ["/bin/sh", "-c", command].map { (word: String) in strdup(word) } + [nil]
        execv("/bin/sh", arguments)
        throw Failure(call: "execv", number: errno)
    }

    struct Failure: Error, CustomStringConvertible {
        let call: String
        let number: Int32

        var description: String { "\(call) failed: \(String(cString: strerror(number)))" }
    }
}
