import Hummingbird
import OneTimeLinks
import TicketSystem

/// Says for whom the desk is called while a request is answered: clicks go before pages, and the requests of one session or one link
/// share its turns.
struct DeskTurns: RouterMiddleware {
    let cookies: BrowserCookies
    let keys: KeyRing

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        try await DeskCaller.$current.withValue(caller(request)) { try await next(request, context) }
    }

    private func caller(_ request: Request) -> DeskCaller {
        // A browser that clicks a link; programs and the desk send no form.
        if request.method == .post, !request.uri.path.contains("/api/"), request.headers[.authorization] == nil {
            return DeskCaller(.signIn, party: request.uri.path)
        }
        // A forged cookie is no party, and reaches no desk either.
        let session = cookies.session(request).flatMap { keys.verify($0, as: .session) }
        return DeskCaller(.page, party: session?.text)
    }
}
