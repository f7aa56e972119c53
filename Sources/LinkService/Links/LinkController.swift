import Foundation
import HTTPTypes
import Hummingbird
import OneTimeLinks

/// The pages behind a link of ours. ``ForgivenLinks`` has freed the token from what mail programs do to it.
struct LinkController: Sendable {
    let answers: LinkAnswers

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get("/l/{token}") { request, context in
            try await answer(request, context) { answers.confirm($0, request, context) }
        }
        router.post("/l/{token}") { request, context in
            try await answer(request, context) { try await answers.redeem($0, request, context, isAsked: false) }
        }
        router.post("/l/{token}/instead") { request, context in
            try await answer(request, context) { try await answers.redeem($0, request, context, isAsked: true) }
        }
        router.post("/l/{token}/fresh") { request, context in
            try await answer(request, context) { try await answers.freshLink($0, request, context) }
        }
        for method in LinkAnswers.otherMethods {
            router.on("/l/{token}", method: method) { request, _ in answers.refuse(request) }
        }
    }

    /// Who comes with many wrong tokens is told to wait, and still may come with a good one.
    private func answer(
        _ request: Request, _ context: LinkServiceContext, _ body: (NamedLink?) async throws -> Response
    ) async throws -> Response {
        let link = link(context)
        if link == nil {
            let (client, settings) = (context.facts(request).clientAddress ?? "", answers.service.settings())
            if let seconds = answers.guesses.secondsToWait(client, limit: settings.wrongTokensPerClientAndMinute) {
                return answers.pages.tooManyRequests(after: seconds, request: request, settings: settings)
            }
            answers.guesses.count(client)
        }
        return try await body(link)
    }

    /// Nil for a forged or damaged token, which costs no query.
    private func link(_ context: LinkServiceContext) -> NamedLink? {
        guard let token = context.parameters.get("token"), let id = answers.service.keys.verify(token, as: .link) else {
            return nil
        }
        let path = answers.service.baseURL.pathPrefix + "/l/\(token)"
        return NamedLink(id: id, path: path, insteadPath: path + "/instead", freshPath: path + "/fresh")
    }
}
