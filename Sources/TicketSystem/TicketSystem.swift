import OneTimeLinks

/// What otalink needs of a desk.
///
/// Every call may throw ``TicketSystemError`` and nothing else, or `CancellationError` when the caller's task is
/// cancelled. All but ``setDynamicField(_:to:ofTicket:)`` only read.
public protocol TicketSystem: Sendable {
    /// Reads one ticket by its public number.
    ///
    /// What comes back carries the number that was asked for, whatever the desk's search made of it.
    func ticket(number: TicketNumber) async throws -> TicketReading

    /// Reads one ticket by the desk's numeric id.
    func ticket(id: Int64) async throws -> TicketReading

    /// Reads many tickets in batches; each id that was asked for is a key of the answer.
    func tickets(ids: [Int64]) async throws -> [Int64: TicketReading]

    /// Reads many tickets in batches; each number that was asked for is a key of the answer.
    func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading]

    /// Those of the ids whose tickets are visible and in a state of one of the given kinds.
    ///
    /// Cheap: hundreds of ids a call, no ticket is read. Without kinds, the answer is all that are visible.
    func search(ids: [Int64], stateTypes: [TicketStateType]) async throws -> Set<Int64>

    /// The ids of those tickets that have one of the numbers and are in a state of one of the given kinds.
    ///
    /// The desk does not say which id belongs to which number; ``tickets(ids:)`` does.
    func search(numbers: [TicketNumber], stateTypes: [TicketStateType]) async throws -> Set<Int64>

    /// The articles of a ticket that its customer may see, oldest first.
    ///
    /// Throws ``TicketSystemError`` of kind ``TicketSystemError/Kind/invisible`` where reading the ticket would
    /// answer ``TicketReading/invisible``.
    func articles(ofTicket id: Int64) async throws -> [TicketArticle]

    /// How a ticket began: its first article, whether its customer may see it or not; nil while there is none.
    ///
    /// Throws as ``articles(ofTicket:)`` does.
    func origin(ofTicket id: Int64) async throws -> TicketOrigin?

    /// Sets a dynamic field of a ticket; doing it twice does no harm.
    func setDynamicField(_ name: String, to value: String, ofTicket id: Int64) async throws

    /// Tries what otalink will ask of the desk, step by step, and tells what it found.
    func check() async -> [TicketSystemFinding]
}

/// The outcome of asking for a ticket.
public enum TicketReading: Hashable, Sendable {
    case ticket(Ticket)
    /// Unknown, deleted or forbidden: the desk does not tell them apart.
    case invisible
    /// The desk shows it, and its answer cannot be understood: nothing may be concluded from it. Only calls for many tickets
    /// answer so; a call for one throws.
    case unreadable

    /// The ticket, or nil when there is none to be seen.
    public var ticket: Ticket? {
        switch self {
        case .ticket(let ticket): ticket
        case .invisible, .unreadable: nil
        }
    }
}
