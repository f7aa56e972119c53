import HTTPTypes
import Hummingbird
import OneTimeLinks

/// The addresses that the old add-on mailed. With a token they are links like ours; without one they are the desk's, and the browser is
/// sent there.
struct AddOnLinkController: Sendable {
    let answers: LinkAnswers

    /// Where desks of the family have their customers' pages, with and without the path that the service itself is under.
    private static let paths = ["/otobo/customer.pl", "/otrs/customer.pl", "/znuny/customer.pl", "/customer.pl"]

    /// Whether an address is one of these.
    static func isPath(_ path: String, pathPrefix: String) -> Bool {
        paths.contains(path) || (path.hasPrefix(pathPrefix) && paths.contains(String(path.dropFirst(pathPrefix.count))))
    }

    func addRoutes(to router: Router<LinkServiceContext>) {
        let prefix = answers.service.baseURL.pathPrefix
        for path in Set(Self.paths + Self.paths.map { prefix + $0 }).map({ RouterPath($0) }) {
            router.get(path) { request, context in
                try await answer(request, context) { link, _ in answers.confirm(link, request, context) }
            }
            router.post(path) { request, context in
                try await answer(request, context) { link, step in
                    switch step {
                    case nil: try await answers.redeem(link, request, context, isAsked: false)
                    case .instead: try await answers.redeem(link, request, context, isAsked: true)
                    case .fresh: try await answers.freshLink(link, request, context)
                    }
                }
            }
            for method in LinkAnswers.otherMethods {
                router.on(path, method: method) { request, _ in answers.refuse(request) }
            }
        }
    }

    /// The same address under the base URL.
    private func ourAddress(_ request: Request) -> String {
        let (base, path) = (answers.service.baseURL, request.uri.path)
        let own = Self.paths.contains(path) ? path : String(path.dropFirst(base.pathPrefix.count))
        return base.url(own) + "?" + (request.uri.query ?? "")
    }

    /// Finds the link that the address names, nil for a wrong one, and answers with it.
    private func answer(
        _ request: Request, _ context: LinkServiceContext,
        _ body: (NamedLink?, AddOnAddress.Step?) async throws -> Response
    ) async throws -> Response {
        let address = AddOnAddress(query: request.uri.query ?? "")
        switch address.token {
        case .missing:
            return .redirect(to: answers.service.landing.deskURL(of: address.ticketNumber), type: .normal)
        case .token where context.isForeignHost, .unreadable where context.isForeignHost:
            // The desk's own host: cookies that were set there would not come to ours.
            return .redirect(to: ourAddress(request), type: .found)
        case .unreadable:
            return try await body(nil, address.step)
        case .token(let token):
            guard let number = address.ticketNumber, answers.service.findAddOnLink.isOfUse else {
                return try await body(nil, address.step)
            }
            let client = context.facts(request).clientAddress ?? ""
            let settings = answers.service.settings()
            if let seconds = answers.guesses.secondsToWait(client, limit: settings.wrongTokensPerClientAndMinute) {
                return answers.pages.tooManyRequests(after: seconds, request: request, settings: settings)
            }
            guard let id = try await answers.service.findAddOnLink(token, ticketNumber: number) else {
                answers.guesses.count(client)
                return try await body(nil, address.step)
            }
            let link = { (step: AddOnAddress.Step?) in
                request.uri.path + "?" + AddOnAddress.query(token, ticketNumber: number, step: step)
            }
            return try await body(
                NamedLink(id: id, path: link(nil), insteadPath: link(.instead), freshPath: link(.fresh)), address.step)
        }
    }
}
