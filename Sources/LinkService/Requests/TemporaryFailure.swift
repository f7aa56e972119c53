import LinkActs
import Logging
import LongWork
import PostgresClient
import TicketSystem

/// The desk did not answer at a click, and the link that was clicked still works: what a page says of a link is what the database says.
struct LinkUnspent: Error, CustomStringConvertible {
    let cause: DeskUnavailable

    var description: String { "The link was not spent. \(cause)" }
}

/// Why a request cannot be answered now although nothing is wrong with it: 503, with the seconds after which to try again. This table decides
/// for pages, for the JSON interface and for clients alike; a handler lets the error pass.
enum TemporaryFailure: Sendable, Hashable {
    /// The ticket system does not answer, and what is stored is too old to decide by.
    case desk
    /// The ticket system answers, and refuses what it is asked.
    case deskRefuses
    /// otalink cannot read the desk's table of customer users, and has no copy of the customer user.
    case customerTable
    /// The database does not answer.
    case database(isOutcomeUnknown: Bool)
    /// This replica has more large pages, answers and mails to work on than may wait.
    case overload
    /// Other requests changed the same rows each time that they were read.
    case conflict

    /// Nil for an error that trying again does not mend.
    init?(_ error: any Error) {
        switch error {
        case let error as DeskUnavailable: self = error.isTransient ? .desk : .deskRefuses
        case let error as LinkUnspent: self = error.cause.isTransient ? .desk : .deskRefuses
        case let error as TicketSystemError: self = error.isTransient ? .desk : .deskRefuses
        case is CustomerTableUnreadable: self = .customerTable
        case let error as PostgresError where error.isTemporary:
            self = .database(isOutcomeUnknown: error.isOutcomeUnknown)
        case is LongWork.Overload: self = .overload
        case is LostEveryRace: self = .conflict
        default: return nil
        }
    }

    /// The value of `Retry-After`, in seconds.
    static let retryAfter = "10"

    /// What a program is told.
    var detail: String {
        switch self {
        case .desk: "The ticket system does not answer. Nothing was changed; try again."
        case .deskRefuses:
            "The ticket system refuses what it is asked; the log and otalink doctor say what. Nothing was changed."
        case .customerTable:
            "The desk's table of customer users cannot be read, so it is not known whether there is one of that login; the log and otalink "
                + "doctor say why. Nothing was changed; try again."
        case .database(isOutcomeUnknown: true):
            "The database went away before it answered. Whether the call took effect is unknown; try it again."
        case .database(isOutcomeUnknown: false): "The database does not answer. Nothing was changed; try again."
        case .overload: "There is too much to do at the moment. Nothing was changed; try again."
        case .conflict: "Other calls changed the same link at the same moment. Nothing was changed; try again."
        }
    }

    /// Writes down what was thrown.
    func log(_ error: any Error, to logger: Logger) {
        switch self {
        case .desk: logger.warning("The desk does not answer", metadata: ["error": "\(error)"])
        case .deskRefuses: logger.error("The desk refuses what it is asked", metadata: ["error": "\(error)"])
        case .customerTable:
            logger.error("The desk's table of customer users cannot be read", metadata: ["error": "\(error)"])
        case .database: logger.error("The database did not answer", metadata: ["error": "\(error)"])
        case .overload: logger.warning("There is too much long work", metadata: ["error": "\(error)"])
        case .conflict: logger.warning("A link was changed each time that it was read", metadata: ["error": "\(error)"])
        }
    }
}
