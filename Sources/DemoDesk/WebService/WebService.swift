/// The web service of the OTOBO family, as recorded from a real desk, over the tickets in memory.
///
/// The quirks are the point of it: an operation's error is HTTP 200, an unknown route HTTP 500 in plain text, an unknown
/// service HTTP 500 without a body, an empty parameter is no filter, an unknown one is ignored.
extension DemoDeskState {
    static let webServicePath = "/otobo/nph-genericinterface.pl"

    /// Answers a request to the web service. Faults are left to the server, which alone can break a connection.
    public func answer(_ question: DeskQuestion) -> DeskAnswer {
        let prefix = Self.webServicePath + "/Webservice/" + configuration.webService
        let path = question.path
        guard path == prefix || path.hasPrefix(prefix + "/") else {
            return DeskAnswer(status: 500, contentType: nil, body: "")
        }
        let route = String(path.dropFirst(prefix.count))
        guard let (operation, pathParameter) = Self.operation(method: question.method, route: route) else {
            // Without any route the desk names the whole path.
            return .text(
                "HTTP::REST Error while determine Operation for request URI '\(route.isEmpty ? path : route)'.",
                status: 500)
        }
        switch OperationInput.read(question, pathParameter: pathParameter, named: operation.pathParameterName) {
        case .undecodable: return .text("Error while decoding request content.", status: 500)
        case .unsupported: return .text("Unsupported request content structure.", status: 500)
        case .notAnObject: return .json(Self.failure(operation, "MissingParameter", "The request is empty!"))
        case .input(let input): return .json(perform(operation, input))
        }
    }

    private func perform(_ operation: DeskOperation, _ input: OperationInput) -> DeskJSON {
        do {
            switch operation {
            case .sessionCreate: return try createSession(input)
            case .sessionGet: return try getSession(input)
            case .ticketSearch: return try searchTickets(input)
            case .ticketGet: return try getTickets(input)
            case .ticketCreate: return try createTicket(input)
            case .ticketUpdate: return try updateTicket(input)
            case .ticketHistoryGet: return try getHistories(input)
            }
        } catch {
            return error.envelope
        }
    }

    /// The operation behind a route, and the text in the route's variable part.
    private static func operation(method: String, route: String) -> (DeskOperation, String?)? {
        let parts = route.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard let name = parts.first, parts.count <= 2, parts.dropFirst().allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        let variable = parts.count == 2 ? parts.last.map(DeskQuestion.unescaped) : nil
        switch (method, name, variable) {
        case ("POST", "Session", nil): return (.sessionCreate, nil)
        case ("GET", "Session", .some(let variable)): return (.sessionGet, variable)
        case ("GET", "Ticket", nil): return (.ticketSearch, nil)
        case ("GET", "Ticket", .some(let variable)): return (.ticketGet, variable)
        case ("GET", "TicketList", nil): return (.ticketGet, nil)
        case ("POST", "Ticket", nil): return (.ticketCreate, nil)
        case ("PATCH", "Ticket", .some(let variable)): return (.ticketUpdate, variable)
        case ("GET", "TicketHistory", .some(let variable)): return (.ticketHistoryGet, variable)
        default: return nil
        }
    }

    static func failure(_ operation: DeskOperation, _ code: String, _ message: String) -> DeskJSON {
        OperationFailure(operation, code, message).envelope
    }
}

/// The operations that the stand-in desk has; the raw value begins their error codes.
enum DeskOperation: String {
    case sessionCreate = "SessionCreate"
    case sessionGet = "SessionGet"
    case ticketSearch = "TicketSearch"
    case ticketGet = "TicketGet"
    case ticketCreate = "TicketCreate"
    case ticketUpdate = "TicketUpdate"
    case ticketHistoryGet = "TicketHistoryGet"

    /// The parameter that the route's variable part becomes.
    var pathParameterName: String { self == .sessionGet ? "SessionID" : "TicketID" }
}

/// An operation's error, which travels as HTTP 200.
struct OperationFailure: Error {
    var code: String
    var message: String

    init(_ operation: DeskOperation, _ code: String, _ message: String) {
        self.code = "\(operation.rawValue).\(code)"
        self.message = "\(operation.rawValue): \(message)"
    }

    /// For the messages that the desk does not begin with the operation's name.
    init(_ operation: DeskOperation, _ code: String, bareMessage: String) {
        self.code = "\(operation.rawValue).\(code)"
        message = bareMessage
    }

    var envelope: DeskJSON {
        ["Error": ["ErrorCode": .text(code), "ErrorMessage": .text(message)]]
    }
}
