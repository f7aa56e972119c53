import Hummingbird
import HummingbirdCore
import LinkPages
import Logging
import OneTimeLinks
import ServiceLifecycle

/// The HTTP side: link pages, sessions, health.
public enum LinkService {
    /// The application, ready to run; the executable and the tests make it the same way.
    ///
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0: one that the kernel chooses.
    ///   - limits: what a client may take.
    ///   - onBound: told the port once the service listens.
    public static func application(
        _ service: LinkServiceDependencies, host: String, port: Int, limits: ConnectionLimits = ConnectionLimits(),
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let measurements = service.measurements
        return Application(
            responder: ForgivenLinks(pathPrefix: service.baseURL.pathPrefix, next: router(service).buildResponder()),
            server: limits.server { measurements.cutConnections.increment($0) },
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onBound(port) }
            },
            logger: service.logger)
    }

    static func router(_ service: LinkServiceDependencies) -> Router<LinkServiceContext> {
        let router = Router(context: LinkServiceContext.self, options: .autoGenerateHeadEndpoints)
        let pages = PageResponses(
            timeZone: service.timeZone, newLinkPath: service.baseURL.pathPrefix + NewLinkController.path,
            formTargets: [service.landing.foreignOrigin].compactMap(\.self))
        let cookies = BrowserCookies(baseURL: service.baseURL, keys: service.keys)
        router.add(middleware: RequestNames(trustedProxies: service.trustedProxies))
        router.add(
            middleware: RequestMeasuring(measurements: service.measurements, pathPrefix: service.baseURL.pathPrefix))
        router.add(middleware: ClientAddresses(trustedProxies: service.trustedProxies))
        router.add(middleware: ProtectiveHeaders(isSecure: service.baseURL.isSecure))
        router.add(
            middleware: HostGate(
                hosts: service.hosts, pathPrefix: service.baseURL.pathPrefix, trustedProxies: service.trustedProxies,
                pages: pages, settings: service.settings, note: service.noteForeignHost))
        let guesses = GuessLimit()
        let gate = APIGate(service, guesses: guesses)
        router.add(middleware: ErrorPages(service: service, pages: pages))
        router.add(middleware: MisplacedCalls(baseURL: service.baseURL, refused: gate.refused))
        router.add(middleware: MissingOperations(pathPrefix: service.baseURL.pathPrefix))
        router.add(middleware: DeskTurns(cookies: cookies, keys: service.keys))
        let root = router.group(RouterPath(service.baseURL.pathPrefix))
        let answers = LinkAnswers(service: service, cookies: cookies, pages: pages, guesses: guesses)
        LinkController(answers: answers).addRoutes(to: root)
        AddOnLinkController(answers: answers).addRoutes(to: router)
        let newLink = NewLinkController(service: service, cookies: cookies, pages: pages)
        newLink.addRoutes(to: root)
        OpenIDController(service: service, cookies: cookies, pages: pages, newLink: newLink, guesses: guesses)
            .addRoutes(to: root)
        TicketController(service: service, cookies: cookies, pages: pages).addRoutes(to: root)
        SessionsController(service: service, cookies: cookies, pages: pages).addRoutes(to: root)
        VerifyController(service: service, cookies: cookies).addRoutes(to: root)
        APIDescriptionController(baseURL: service.baseURL).addRoutes(to: root)
        APIController(service: service, gate: gate).addRoutes(to: root.group("/api/v1"))
        MailController(service: service, gate: gate).addRoutes(to: root.group("/api/v1"))
        router.get("/health/live") { _, _ in HTTPResponse.Status.ok }
        router.get("/health/ready") { _, _ -> HTTPResponse.Status in
            await service.isReady() ? .ok : .serviceUnavailable
        }
        return router
    }
}

/// Turns what a handler threw into a page: what is not meant for customers is logged with the request's id, which the
/// page names.
struct ErrorPages: RouterMiddleware {
    let service: LinkServiceDependencies
    let pages: PageResponses

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status.kind == .clientError {
            let answer: AnswerPage.Answer =
                switch error.status {
                case .methodNotAllowed: .methodNotAllowed
                case .badRequest, .contentTooLarge:
                    request.uri.path == service.baseURL.pathPrefix + NewLinkController.path ? .badNewLinkForm : .badForm
                default: .notFound
                }
            return pages.response(answer, status: error.status, request: request, settings: service.settings())
        } catch {
            if let failure = TemporaryFailure(error) {
                failure.log(error, to: context.logger)
                return pages.temporarilyUnavailable(
                    request, isLinkUnspent: error is LinkUnspent, settings: service.settings())
            }
            context.logger.error("A request failed", metadata: ["error": "\(error)"])
            return pages.response(
                .internalError(requestID: context.requestID), status: .internalServerError, request: request,
                settings: service.settings())
        }
    }
}
