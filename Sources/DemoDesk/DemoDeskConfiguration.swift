import Foundation

/// Who may use the stand-in desk, and what it looks like.
public struct DemoDeskConfiguration: Sendable {
    /// An agent with a login to the web service.
    public struct Agent: Sendable {
        public enum Permission: Sendable {
            case full, readOnly, none
        }

        public var login: String
        public var password: String
        public var permission: Permission

        public init(login: String, password: String, permission: Permission = .full) {
            self.login = login
            self.password = password
            self.permission = permission
        }
    }

    /// A customer user with a login to the web service.
    public struct Customer: Sendable {
        public var login: String
        public var customerID: String
        public var password: String

        public init(login: String, customerID: String, password: String) {
            self.login = login
            self.customerID = customerID
            self.password = password
        }
    }

    /// The name in the URL, `/otobo/nph-genericinterface.pl/Webservice/<name>`.
    public var webService: String
    public var agents: [Agent]
    public var customers: [Customer]
    public var queues: [String]
    public var dynamicFields: [String]
    /// The zone of the times that the desk writes.
    public var timeZone: TimeZone
    /// What the proxy has to show beside `Remote-User` (`WebServer::ProxySecret` of OTOBO's releases after 11.0.6); nil: the header is
    /// believed from anybody, as before.
    public var proxySecret: String?
    /// Whether customers' requests that did not come by https are redirected there (`HTTPSForceRedirect`).
    public var forcesHTTPS: Bool
    /// The time of day; tests hand in their own.
    public var now: @Sendable () -> Date
    /// Called after each change of a ticket, in order; must not block. What it gets is what the desk would post.
    public var onEvent: @Sendable (DemoDeskEvent) -> Void

    public init(
        webService: String = "otalink", agents: [Agent], customers: [Customer] = [],
        queues: [String] = ["Postmaster", "Raw", "Junk", "Misc"], dynamicFields: [String] = [],
        timeZone: TimeZone = .gmt, proxySecret: String? = nil, forcesHTTPS: Bool = false,
        now: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (DemoDeskEvent) -> Void = { _ in }
    ) {
        self.webService = webService
        self.agents = agents
        self.customers = customers
        self.queues = queues
        self.dynamicFields = dynamicFields
        self.timeZone = timeZone
        self.proxySecret = proxySecret
        self.forcesHTTPS = forcesHTTPS
        self.now = now
        self.onEvent = onEvent
    }
}

/// What the desk's invoker posts after a ticket has changed.
public struct DemoDeskEvent: Hashable, Sendable {
    public enum Name: String, Sendable {
        case ticketCreate = "TicketCreate"
        case articleCreate = "ArticleCreate"
        case ticketStateUpdate = "TicketStateUpdate"
        case ticketMerge = "TicketMerge"
        case ticketCustomerUpdate = "TicketCustomerUpdate"
        case ticketDelete = "TicketDelete"
    }

    public var name: Name
    public var ticketID: Int64
    public var ticketNumber: String
    /// The article that it is about, if it is about one.
    public var articleID: Int64?

    /// The JSON to post.
    public var body: String {
        var ticket: [String: DeskJSON] = ["TicketID": .integer(ticketID), "TicketNumber": .text(ticketNumber)]
        if let articleID { ticket["Article"] = ["ArticleID": .integer(articleID)] }
        return DeskJSON.object(["Event": .text(name.rawValue), "Ticket": .object(ticket)]).serialized
    }
}
