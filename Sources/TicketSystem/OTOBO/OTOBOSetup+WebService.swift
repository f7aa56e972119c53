extension OTOBOSetup {
    /// The definition of the web service `otalink`, to be imported at the desk: the operations that we call, and the
    /// events that it posts to us.
    public var webService: String {
        let operations = Self.operations.map { operation in
            """
                \(operation.name):
                  Description: ''
                  IncludeTicketData: '0'
                  MappingInbound: {}
                  MappingOutbound: {}
                  Type: \(operation.type)
            """
        }
        let routes = Self.operations.map { operation in
            """
                    \(operation.name):
                      RequestMethod:
                      - \(operation.method)
                      Route: \(operation.route)
            """
        }
        let events = Self.events.map { event in
            """
                  - Asynchronous: '1'
                    Event: \(event)
            """
        }
        return """
            ---
            Debugger:
              DebugThreshold: error
              TestMode: '0'
            Description: One-time links for customers
            Provider:
              Operation:
            \(operations.joined(separator: "\n"))
              Transport:
                Config:
                  KeepAlive: ''
                  MaxLength: '10000000'
                  RouteOperationMapping:
            \(routes.joined(separator: "\n"))
                Type: HTTP::REST
            RemoteSystem: ''
            Requester:
              ErrorHandling:
                Retry:
                  CommunicationFilter: ''
                  Description: Reports an event again that otalink could not take
                  ErrorCodeFilter: ''
                  ErrorMessageContentFilter: ''
                  ErrorStageFilter: []
                  InvokerFilter: []
                  RetryCountMax: ''
                  RetryIntervalFactor: '2'
                  RetryIntervalMax: '3600'
                  RetryIntervalStart: '10'
                  RetryPeriodMax: '259200'
                  ScheduleRetry: '1'
                  StopAfterMatch: '0'
                  Type: RequestRetry
              ErrorHandlingPriority:
              - Retry
              Invoker:
                TicketEvent:
                  Description: Tells otalink that something happened to a ticket
                  Events:
            \(events.joined(separator: "\n"))
                  Type: \(family.invoker)
              Transport:
                Config:
                  Authentication:
                    AuthType: BasicAuth
                    BasicAuthPassword: CHANGE THIS
                    BasicAuthUser: desk
                  DefaultCommand: POST
                  Host: \(serviceURL)
                  InvokerControllerMapping:
                    TicketEvent:
                      Command: POST
                      Controller: /api/v1/desk/events
                  Timeout: '30'
                Type: HTTP::REST
            """
    }

    private static let operations: [(name: String, type: String, method: String, route: String)] = [
        ("SessionCreate", "Session::SessionCreate", "POST", "/Session"),
        ("TicketSearch", "Ticket::TicketSearch", "GET", "/Ticket"),
        ("TicketGet", "Ticket::TicketGet", "GET", "/Ticket/:TicketID"),
        ("TicketUpdate", "Ticket::TicketUpdate", "PATCH", "/Ticket/:TicketID"),
        ("TicketHistoryGet", "Ticket::TicketHistoryGet", "GET", "/TicketHistory/:TicketID"),
    ]

    private static let events = [
        "TicketCreate", "ArticleCreate", "TicketStateUpdate", "TicketCustomerUpdate", "TicketMerge",
        "TicketQueueUpdate",
        "TicketDelete",
    ]
}
