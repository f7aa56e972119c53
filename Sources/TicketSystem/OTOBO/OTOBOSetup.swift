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
}
