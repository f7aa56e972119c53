/// What an administrator of a desk of the OTOBO family puts into its configuration, filled in.
public struct OTOBOSetup: Sendable {
    /// The members of the family.
    public enum Family: String, Sendable, CaseIterable {
        case otobo, znuny

        /// The invoker that passes an event on as it is.
        var invoker: String {
            switch self {
            case .otobo: "Generic::PassThrough"
            case .znuny: "Generic::Tunnel"
            }
        }
    }

    /// Where our database is, as the desk reaches it.
    public struct Database: Sendable {
        public var host: String
        public var port: Int
        public var name: String

        public init(host: String, port: Int, name: String) {
            self.host = host
            self.port = port
            self.name = name
        }
    }

    public var family: Family
    public var database: Database
    /// The address of the service up to its path, such as `https://tickets.example.org`.
    public var serviceURL: String

    public init(family: Family, database: Database, serviceURL: String) {
        self.family = family
        self.database = database
        self.serviceURL = serviceURL
    }

    /// The lines of Perl for `Kernel/Config.pm` that make our table one of the desk's customer backends.
    ///
    /// - Parameters:
    ///   - number: a number that no other backend has, 1 to 10.
    ///   - user: a user of our database in the role `otalink_desk`.
    public func customerBackend(number: Int, user: String) -> String {
        let map = Self.columns.map { column in
            "        [ '\(column.field)', '\(column.title)', '\(column.name)', \(column.isShown ? 1 : 0), "
                + "\(column.isRequired ? 1 : 0), '\(column.type)', '', 0 ],"
        }
        return """
            # The customer users that otalink makes from incoming mail.
            $Self->{CustomerUser\(number)} = {
                Name   => 'otalink',
                Module => 'Kernel::System::CustomerUser::DB',
                Params => {
                    DSN           => 'DBI:Pg:dbname=\(database.name);host=\(database.host);port=\(database.port)',
                    User          => '\(user)',
                    Password      => 'CHANGE THIS',
                    Table         => 'otalink.own_customer_user',
                    CaseSensitive => 0,
                },
                CustomerKey                        => 'login',
                CustomerID                         => 'customer_id',
                CustomerValid                      => 'valid_id',
                CustomerUserListFields             => [ 'first_name', 'last_name', 'email' ],
                CustomerUserSearchFields           => [ 'login', 'first_name', 'last_name', 'email', 'customer_id' ],
                CustomerUserSearchPrefix           => '*',
                CustomerUserSearchSuffix           => '*',
                CustomerUserSearchListLimit        => 250,
                CustomerUserPostMasterSearchFields => ['email'],
                CustomerUserNameFields             => [ 'title', 'first_name', 'last_name' ],
                CustomerUserEmailUniqCheck         => 1,
                Map => [
            \(map.joined(separator: "\n"))
                ],
            };
            """
    }

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

    private struct Column {
        let field, title, name: String
        var isShown = true
        var isRequired = false
        var type = "var"
    }

    private static let columns: [Column] = [
        Column(field: "UserTitle", title: "Title", name: "title"),
        Column(field: "UserFirstname", title: "First name", name: "first_name", isRequired: true),
        Column(field: "UserLastname", title: "Last name", name: "last_name", isRequired: true),
        Column(field: "UserLogin", title: "Login", name: "login", isRequired: true),
        Column(field: "UserPassword", title: "Password", name: "pw", isShown: false),
        Column(field: "UserEmail", title: "E-mail", name: "email", isRequired: true),
        Column(field: "UserCustomerID", title: "Customer ID", name: "customer_id", isShown: false, isRequired: true),
        Column(field: "UserPhone", title: "Phone", name: "phone"),
        Column(field: "UserFax", title: "Fax", name: "fax"),
        Column(field: "UserMobile", title: "Mobile", name: "mobile"),
        Column(field: "UserStreet", title: "Street", name: "street"),
        Column(field: "UserZip", title: "Postal code", name: "zip"),
        Column(field: "UserCity", title: "Town", name: "city"),
        Column(field: "UserCountry", title: "Country", name: "country"),
        Column(field: "UserComment", title: "Remarks", name: "comments"),
        Column(field: "ValidID", title: "Valid", name: "valid_id", isShown: false, isRequired: true, type: "int"),
    ]
}
