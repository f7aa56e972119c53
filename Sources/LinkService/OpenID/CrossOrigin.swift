import HTTPTypes
import Hummingbird
import LinkStore
import Logging
import OpenIDProvider
import OpenIDStore
import Synchronization

/// Lets programs that run in a browser read the answers of the provider (Fetch standard, CORS): those whose redirect address has been
/// registered for a public client, from the origin of that address. No cookie goes along, and none is set.
struct CrossOrigin: RouterMiddleware {
    let origins: RegisteredOrigins

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], await origins.contains(origin, logger: context.logger) else {
            return Self.varied(try await next(request, context))
        }
        var response = Self.varied(try await next(request, context))
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "WWW-Authenticate, Retry-After"
        if request.method == .options {
            response.headers[.accessControlAllowMethods] = "GET, POST"
            response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    /// An answer that was kept for one origin is none for another.
    private static func varied(_ response: Response) -> Response {
        var response = response
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        return response
    }

    /// What a browser asks before it sends the request itself.
    @Sendable static func preflight(_ request: Request, _ context: LinkServiceContext) -> Response {
        Response(status: .noContent)
    }
}

/// The origins of public clients, as they are registered; looked up at most every few seconds, so that strangers who send any number of
/// origins cost no queries.
final class RegisteredOrigins: Sendable {
    private let age: Duration

    private struct Known {
        var origins: Set<String> = []
        var until: ContinuousClock.Instant?
    }

    private let clients: RelyingParties
    private let known = Mutex(Known())

    /// - Parameter age: how long what was read counts.
    init(clients: RelyingParties, age: Duration = .seconds(5)) {
        self.clients = clients
        self.age = age
    }

    /// While the database is away, what was known last counts.
    func contains(_ origin: String, logger: Logger) async -> Bool {
        let now = ContinuousClock.now
        // The first that finds them old reads them, and the others go on with what there is.
        let isOld = known.withLock { known in
            guard let until = known.until else { return true }
            guard until <= now else { return false }
            known.until = now + age
            return true
        }
        if isOld {
            do {
                let origins = Self.origins(of: try await clients.listed().rows)
                known.withLock { $0 = Known(origins: origins, until: now + age) }
            } catch {
                known.withLock { $0.until = now + age }
                logger.warning("The origins of clients cannot be read", metadata: ["error": "\(error)"])
            }
        }
        return known.withLock { $0.origins.contains(origin) }
    }

    /// As browsers write them: without a port that the scheme implies.
    static func origins(of clients: [RegisteredClient]) -> Set<String> {
        Set(clients.filter(\.party.isPublic).flatMap(\.party.redirectURIs).compactMap(RedirectTarget.browserOrigin))
    }
}
