import CurlClient
import Customers
import LinkActs
import LinkStore
import Logging
import LongWork
import OneTimeLinks
import PostgresClient
import TicketSystem

/// What subcommands work with, made from the environment and given back afterwards.
struct Surroundings {
    let environment: ServiceEnvironment
    let client: PostgresClient
    let store: LinkStore
    /// Of the desk's own database of customer users; nil: its address is not configured.
    let customerDatabase: PostgresClient?
    /// For large answers, pages and mails, of which a process works on a few at a time.
    let longWork = LongWork()
    let logger: Logger

    /// Gives the body a store, and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - isService: a service logs what it does; a command says what it has to say on its own.
    ///   - holdsLocks: the store is reached without a pooler, where no lock would hold.
    ///   - work: says how long the database may take.
    static func with<R>(
        isService: Bool = false, holdsLocks: Bool = false, work: WorkKind = .command,
        _ body: (Surroundings) async throws -> R
    ) async throws -> R {
        let environment = ServiceEnvironment()
        let logger = try logger(environment, standardLevel: isService ? .info : .error)
        let customerConfiguration = try environment.customerDatabase(for: work)
        let client = PostgresClient(try environment.database(for: work, direct: holdsLocks), logger: logger)
        let customerDatabase = customerConfiguration.map { PostgresClient($0, logger: logger) }
        let surroundings = Surroundings(
            environment: environment, client: client, store: LinkStore(client: client),
            customerDatabase: customerDatabase, logger: logger)
        do {
            let result = try await body(surroundings)
            await surroundings.close()
            return result
        } catch {
            await surroundings.close()
            throw error
        }
    }

    private func close() async {
        await client.close()
        await customerDatabase?.close()
    }

    /// The customer users of all backends, as the settings say which there are.
    ///
    /// - Parameter renewsCopies: false for the mail filter.
    func customers(_ settings: Settings, renewsCopies: Bool = true) throws -> CustomerDirectory {
        CustomerDirectory(
            store: store, table: try deskCustomerTable(settings), declared: settings.customerBackends,
            renewsCopies: renewsCopies, logger: logger)
    }

    /// The desk's own table of customer users; nil: the settings name none.
    func deskCustomerTable(_ settings: Settings) throws -> DeskCustomerTable? {
        guard let setting = settings.customerDatabase else { return nil }
        guard let customerDatabase else {
            throw Advice(
                text:
                    "The setting CustomerDatabase is there, but OTALINK_CUSTOMER_DATABASE_URL is missing. Set it to something "
                    + "like: postgresql://otalink@db.example.org/otobo")
        }
        return DeskCustomerTable(client: customerDatabase, setting: setting, zone: try environment.deskTimeZone)
    }

    /// Writes to standard error, so that what a command answers stays alone on standard output.
    static func logger(
        _ environment: ServiceEnvironment, standardLevel: Logger.Level = .error
    ) throws -> Logger {
        let isJSON = try environment.logsJSON
        var logger = Logger(label: "otalink") { (label) -> any LogHandler in
            if isJSON { return SafeLogHandler(JSONLogHandler()) }
            return SafeLogHandler(StreamLogHandler.standardError(label: label))
        }
        logger.logLevel = try environment.logLevel ?? standardLevel
        return logger
    }

    /// For the desk and the mail server. The caller closes it.
    func curlClient() -> CurlClient {
        CurlClient(
            CurlConfiguration(certificateAuthorityFile: environment.certificateAuthorityFile), logger: logger)
    }

    /// The acts, for those subcommands that need desk and keys. The caller closes the HTTP client.
    ///
    /// - Parameters:
    ///   - settings: as they stand; nil: they are read for each ticket.
    ///   - onDeskCall: told of each call of the desk.
    func acts(
        curl: CurlClient, settings: (@Sendable () -> Settings)? = nil,
        onDeskCall: @escaping @Sendable (DeskCall) -> Void = { _ in }
    ) throws -> Acts {
        let keys = try environment.keyRing()
        let configuration = try environment.desk()
        let desk = OTOBOConnector(
            configuration: configuration, client: curl, logger: logger, longWork: longWork, onCall: onDeskCall)
        // Also without its address: the settings may name a table, and then who stands in it is not known.
        let renewal = CopyRenewal(store: store, logger: logger) {
            var current = settings?()
            if current == nil { current = try await store.settings.read() }
            return try current.flatMap(deskCustomerTable)
        }
        let keeper = TicketKeeper(
            tickets: store.tickets, desk: desk, patience: configuration.requestTimeout, logger: logger,
            renewCopy: renewal)
        return Acts(keys: keys, desk: desk, keeper: keeper, issue: IssueLink(store: store, keys: keys, keeper: keeper))
    }

    struct Acts {
        let keys: KeyRing
        let desk: OTOBOConnector
        let keeper: TicketKeeper
        let issue: IssueLink
    }

    /// Who acts, for the audit trail: whoever is logged in on this machine.
    static var operatorName: String {
        "operator " + (ServiceEnvironment.userName ?? "unknown")
    }
}
