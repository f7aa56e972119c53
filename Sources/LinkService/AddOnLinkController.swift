import HTTPTypes
import Hummingbird
import OneTimeLinks

/// The addresses that the old add-on mailed. With a token they are links like ours; without one they are the desk's, and the browser is
/// sent there.
struct AddOnLinkController: Sendable {
    let answers: LinkAnswers

    /// Where desks of the family have their customers' pages, with and without the path that the service itself is under.
    private var paths: Set<String> {
        let paths = ["/otobo/customer.pl", "/otrs/customer.pl", "/znuny/customer.pl", "/customer.pl"]
        return Set(paths + paths.map { answers.service.baseURL.pathPrefix + $0 })
    }

    func addRoutes(to router: Router<LinkServiceContext>) {
        for path in paths.map({ RouterPath($0) }) {
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

    /// Finds the link that the address names, nil for a wrong one, and answers with it.
    private func answer(
        _ request: Request, _ context: LinkServiceContext,
        _ body: (NamedLink?, AddOnAddress.Step?) async throws -> Response
    ) async throws -> Response {
        let address = AddOnAddress(query: request.uri.query ?? "")
        switch address.token {
        case .missing:
            return .redirect(to: answers.service.landing.deskURL(of: address.ticketNumber), type: .normal)
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
