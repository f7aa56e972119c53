import Customers
import Foundation
import LinkActs
import LinkStore
import Logging
import LongWork
import MailMessage
import Measurements
import OneTimeLinks
import TicketSystem

/// What the routes work with; made once by whoever starts the service.
public struct LinkServiceDependencies: Sendable {
    public var baseURL: BaseURL
    /// The hosts under which customers may come.
    public var hosts: OurHosts
    /// Told of a page that was asked for under another host; returns at once.
    public var noteForeignHost: @Sendable (ForeignHost) -> Void
    /// The desk's own address of a ticket, to which its number is appended.
    public var deskTicketURL: String
    /// Where browsers go after the click.
    var landing: LandingPlace { LandingPlace(baseURL: baseURL, deskTicketURL: deskTicketURL) }
    /// The zone of the times on pages: the desk's.
    public var timeZone: TimeZone
    public var keys: KeyRing
    public var store: LinkStore
    public var desk: any TicketSystem
    public var redeem: RedeemToken
    public var issue: IssueLink
    public var offer: OfferLink
    public var findAddOnLink: FindAddOnLink
    public var checkSession: CheckSession
    /// Told of each visit of a link; returns at once.
    public var noteVisit: @Sendable (LinkVisit) -> Void
    /// The customer users of all backends, as the settings say which there are.
    public var customers: @Sendable (Settings) throws -> CustomerDirectory
    /// The settings as they stand at a request.
    public var settings: @Sendable () -> Settings
    /// True while the service can work; false takes this replica out of the load balancer.
    public var isReady: @Sendable () async -> Bool
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [AddressRange]
    /// Where mails lie while they are looked at; nil: in memory, and they must be short.
    public var spoolDirectory: String?
    /// The largest mail that the filters take, in bytes.
    var largestMail: Int {
        spoolDirectory == nil ? SpooledMessage.limitInMemory : SpooledMessage.standardLimit
    }
    /// Where large pages are made and large mails are read.
    public var longWork: LongWork
    /// Where requests and their answers are counted.
    public var measurements: ServiceMeasurements
    public var logger: Logger

    public init(
        baseURL: BaseURL, deskTicketURL: String, timeZone: TimeZone, keys: KeyRing, store: LinkStore,
        desk: any TicketSystem,
        redeem: RedeemToken, issue: IssueLink, offer: OfferLink, findAddOnLink: FindAddOnLink,
        checkSession: CheckSession,
        noteVisit: @escaping @Sendable (LinkVisit) -> Void,
        customers: @escaping @Sendable (Settings) throws -> CustomerDirectory,
        settings: @escaping @Sendable () -> Settings, isReady: @escaping @Sendable () async -> Bool,
        trustedProxies: [AddressRange] = [], hosts: OurHosts? = nil,
        noteForeignHost: @escaping @Sendable (ForeignHost) -> Void = { _ in }, spoolDirectory: String? = nil,
        longWork: LongWork = LongWork(),
        measurements: ServiceMeasurements = ServiceMeasurements(),
        logger: Logger
    ) {
        self.baseURL = baseURL
        self.hosts = hosts ?? OurHosts(baseURL: baseURL)
        self.noteForeignHost = noteForeignHost
        self.deskTicketURL = deskTicketURL
        self.timeZone = timeZone
        self.keys = keys
        self.store = store
        self.desk = desk
        self.redeem = redeem
        self.issue = issue
        self.offer = offer
        self.findAddOnLink = findAddOnLink
        self.checkSession = checkSession
        self.noteVisit = noteVisit
        self.customers = customers
        self.settings = settings
        self.isReady = isReady
        self.trustedProxies = trustedProxies
        self.spoolDirectory = spoolDirectory
        self.longWork = longWork
        self.measurements = measurements
        self.logger = logger
    }
}
