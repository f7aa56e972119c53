import OneTimeLinks
import PostgresClient

/// The domain in PostgreSQL: one value per aggregate, each with its own SQL.
///
/// No rule lives here. Facts are read in one statement, decided elsewhere, and written with guards; whose guard failed
/// is told so, reads again and decides again. Rows are locked in the order of their ids.
public struct LinkStore: Sendable {
    public let links: Links
    public let addOnLinks: AddOnLinks
    public let sessions: Sessions
    public let tickets: Tickets
    public let customerUsers: CustomerUsers
    public let customerCopies: CustomerCopies
    public let outbox: MailOutbox
    public let outboundLinks: OutboundLinks
    public let linkRequests: LinkRequests
    public let notifications: Notifications
    public let settings: StoredSettings
    public let audit: AuditTrail
    public let deskEvents: DeskEvents
    public let mailVerdicts: MailVerdicts
    public let ownAddresses: OwnAddresses
    public let foreignHosts: ForeignHosts
    public let apiKeys: APIKeys
    public let apiRequests: APIRequests
    public let apiUse: APIUse
    public let jobRuns: JobRuns
    public let roles: DatabaseRoles
    public let counting: StoreCounting
    /// For the parts of the domain that have a target of their own.
    package let client: PostgresClient

    /// Over a client that the caller owns.
    public init(client: PostgresClient) {
        self.client = client
        links = Links(client: client)
        addOnLinks = AddOnLinks(client: client)
        sessions = Sessions(client: client)
        tickets = Tickets(client: client)
        customerUsers = CustomerUsers(client: client)
        customerCopies = CustomerCopies(client: client)
        outbox = MailOutbox(client: client)
        linkRequests = LinkRequests(client: client)
        outboundLinks = OutboundLinks(client: client)
        notifications = Notifications(client: client)
        settings = StoredSettings(client: client)
        audit = AuditTrail(client: client)
        deskEvents = DeskEvents(client: client)
        mailVerdicts = MailVerdicts(client: client)
        ownAddresses = OwnAddresses(client: client)
        foreignHosts = ForeignHosts(client: client)
        apiKeys = APIKeys(client: client)
        apiRequests = APIRequests(client: client)
        apiUse = APIUse(client: client)
        jobRuns = JobRuns(client: client)
        roles = DatabaseRoles(client: client)
        counting = StoreCounting(client: client)
    }
}
