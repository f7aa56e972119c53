import CurlClient
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import TicketSystem

/// What subcommands work with, made from the environment and given back afterwards.
struct Surroundings {
    let environment: ServiceEnvironment
    let client: PostgresClient
    let store: LinkStore
    let logger: Logger

    /// Gives the body a store, and closes its connections afterwards.
    ///
    /// - Parameter isService: a service logs what it does; a command says what it has to say on its own.
    static func with<R>(isService: Bool = false, _ body: (Surroundings) async throws -> R) async throws -> R {
        let environment = ServiceEnvironment()
        let logger = try logger(environment, standardLevel: isService ? .info : .error)
        var configuration = try environment.database()
        // Nobody waits long for a command that cannot reach its database.
        if !isService { configuration.deadline = .seconds(5) }
        let client = PostgresClient(configuration, logger: logger)
        let surroundings = Surroundings(
            environment: environment, client: client, store: LinkStore(client: client), logger: logger)
        do {
            let result = try await body(surroundings)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    /// Writes to standard error, so that what a command answers stays alone on standard output.
    static func logger(
        _ environment: ServiceEnvironment, standardLevel: Logger.Level = .error
    ) throws -> Logger {
        let isJSON = try environment.logsJSON
        var logger = Logger(label: "otalink") { (label) -> any LogHandler in
            if isJSON { return JSONLogHandler() }
            return StreamLogHandler.standardError(label: label)
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
    func acts(curl: CurlClient) throws -> Acts {
        let keys = try environment.keyRing()
        let desk = OTOBOConnector(configuration: try environment.desk(), client: curl, logger: logger)
        let keeper = TicketKeeper(tickets: store.tickets, desk: desk, logger: logger)
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
