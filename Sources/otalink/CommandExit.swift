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
            let text = ForeignText.printable("\(error)", keepingLines: true)
            FileHandle.standardError.write(
                Data(
                    "Error: \(text)\nTry again in a moment. If it does not pass, otalink doctor says what is wrong.\n"
                        .utf8))
            Foundation.exit(CommandExit.temporary.rawValue)
        } catch let error as ValidationError where isUnderstood {
            // How the command is typed does not help: what was typed is understood, and a value does not fit.
            let text = ForeignText.printable(error.message, keepingLines: true)
            FileHandle.standardError.write(Data("Error: \(text)\n".utf8))
            Foundation.exit(CommandExit.usage.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
