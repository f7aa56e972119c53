import ArgumentParser
import Foundation
import LinkActs
import Migrator
import OneTimeLinks
import PostgresClient
import TicketSystem

/// What the exit code of a command says; docs/commands.md has the same table.
enum CommandExit: Int32 {
    case done = 0
    /// It could not be done, and will not be before something changes; the message says what.
    case failed = 1
    /// What was typed, or what stands in the environment, does not fit; the library's own code for it.
    case usage = 64
    /// The database or the desk cannot be reached: the same call may well succeed a little later.
    case temporary = 75

    /// True where trying again is all that is to be done.
    static func isTemporary(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: isTemporary(error)
        case let error as TicketSystemError: error.isTransient
        case let error as DeskUnavailable: error.isTransient
        case is CustomerTableUnreadable: true
        case MigrationError.database(_, _, let cause): isTemporary(cause)
        case MigrationError.locked, MigrationError.tableLocked: true
        default: false
        }
    }

    private static func isTemporary(_ error: PostgresError) -> Bool {
        switch error.kind {
        // The library does not say whether a password is wrong or a server is starting.
        case .connectionFailed, .connectionLost, .deadlineExceeded: true
        case .server: error.isTransactionConflict
        default: false
        }
    }
}

extension Otalink {
    /// Runs the command that was typed, and ends with the code of its outcome.
    static func main() async {
        var isUnderstood = false
        do {
            var command = try await asyncParseAsRoot()
            isUnderstood = true
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch  where CommandExit.isTemporary(error) {
            tell("Error: \(error)\nTry again in a moment. If it does not pass, otalink doctor says what is wrong.")
            Foundation.exit(CommandExit.temporary.rawValue)
        } catch let error as ValidationError where isUnderstood {
            // How the command is typed does not help: what was typed is understood, and a value does not fit.
            tell("Error: \(error.message)")
            Foundation.exit(CommandExit.usage.rawValue)
        } catch  where exitCode(for: error).isSuccess {
            // Help, for example.
            exit(withError: error)
        } catch {
            // It repeats arguments, and an argument may come from anywhere.
            let message = fullMessage(for: error)
            if !message.isEmpty { tell(message) }
            Foundation.exit(exitCode(for: error).rawValue)
        }
    }

    /// Writes a line to standard error, without what would steer a terminal.
    static func tell(_ message: String) {
        FileHandle.standardError.write(Data((ForeignText.printable(message, keepingLines: true) + "\n").utf8))
    }
}
