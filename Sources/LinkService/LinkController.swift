import Catalogue
import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkPages
import LinkStore
import OneTimeLinks

/// The pages behind a link: opening one changes nothing, its button signs in.
struct LinkController: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get("/l/{token}", use: confirm)
        router.post("/l/{token}", use: redeem)
        router.post("/l/{token}/instead", use: redeemInstead)
        router.post("/l/{token}/fresh", use: freshLink)
        for method in [HTTPRequest.Method.put, .patch, .delete, .options] {
            router.on("/l/{token}", method: method, use: refuse)
        }
    }

    /// Nothing but opening and confirming.
    @Sendable func refuse(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        var response = pages.response(
            .methodNotAllowed, status: .methodNotAllowed, request: request, settings: service.settings())
        response.headers[.allow] = "GET, HEAD, POST"
        return response
    }

    /// The confirm page; says nothing about ticket or person, whether the link works or not.
    @Sendable func confirm(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let token = LinkToken(context.parameters.get("token")),
            let id = service.keys.verify(token.text, as: .link)
        else {
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        let form = cookies.formOrNew(request)
        let page = ConfirmPage(
            form: PostForm(
                action: service.baseURL.pathPrefix + "/l/\(token.text)",
                proof: cookies.proof(about: id.bytes, form: form)))
        var response = pages.response(page, request: request, settings: settings)
        cookies.setForm(form, in: &response)
        return response
    }

    /// The button of the confirm page.
    @Sendable func redeem(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        try await redeem(request, context, isAsked: false)
    }

    /// The button of the question whether the browser is to go on as somebody else.
    @Sendable func redeemInstead(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        try await redeem(request, context, isAsked: true)
    }

    private func redeem(
        _ request: Request, _ context: LinkServiceContext, isAsked: Bool
    ) async throws -> Response {
        let settings = service.settings()
        guard let token = LinkToken(context.parameters.get("token")),
            let id = service.keys.verify(token.text, as: .link)
        else {
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        let purpose = isAsked ? Self.instead(of: id) : id.bytes
        guard let form = try await cookies.provenForm(request, origin: service.baseURL.origin, about: purpose)?.form
        else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        do {
            let current = try await service.signedIn(cookies.session(request), settings)
            let answer = try await service.redeem(
                token: token.text, browser: cookies.browserHash(form),
                signedInAs: isAsked ? nil : current?.customer.login, settings: settings,
                language: pages.language(request, settings).tag, context: context.facts(request))
            context.logger.info("A link was clicked", metadata: ["link": "\(id.text)", "answer": "\(answer.word)"])
            if let current, case .signedIn(let session, _) = answer, session != current.session {
                try await endReplaced(current, context.facts(request))
            }
            let clicked = ClickedLink(token: token, id: id, form: form, current: current)
            return response(to: answer, clicked, request, settings)
        } catch is DeskUnavailable {
            return pages.response(
                .temporarilyUnavailable, status: .serviceUnavailable, request: request, settings: settings)
        }
    }

    /// The session that the browser had before: its cookie is gone now, and nobody else is to have it.
    private func endReplaced(_ session: SignedIn, _ context: RequestContextFacts) async throws {
        _ = try await service.store.sessions.revoke(
            id: session.session, reason: "replaced by a new sign-in", actor: nil, context: context)
    }

    /// What the form of the account question is about: no form of a confirm page passes for it.
    private static func instead(of link: UUID) -> [UInt8] { link.bytes + Array("instead".utf8) }

    /// The button of the page that says that a newer link exists.
    @Sendable func freshLink(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let token = LinkToken(context.parameters.get("token")),
            let id = service.keys.verify(token.text, as: .link)
        else {
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        guard try await cookies.provenForm(request, origin: service.baseURL.origin, about: id.bytes) != nil else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        do {
            let answer = try await service.redeem.freshLink(
                token: token.text, settings: settings, language: pages.language(request, settings).tag,
                context: context.facts(request))
            return response(to: answer, token: token, request, settings)
        } catch is DeskUnavailable {
            return pages.response(
                .temporarilyUnavailable, status: .serviceUnavailable, request: request, settings: settings)
        }
    }

    private func response(
        to answer: FreshLinkAnswer, token: LinkToken, _ request: Request, _ settings: Settings
    ) -> Response {
        switch answer {
        case .message(let message): return pages.response(message.customerMessage, request: request, settings: settings)
        case .linkWorks: return .redirect(to: service.baseURL.pathPrefix + "/l/\(token.text)", type: .normal)
        case .deskLogin(let ticket): return .redirect(to: deskURL(ticket), type: .normal)
        case .limited(let seconds): return pages.tooManyRequests(after: seconds, request: request, settings: settings)
        }
    }

    /// The desk's own page of a ticket, or of all tickets.
    private func deskURL(_ ticket: Ticket?) -> String {
        service.landing.deskURL(of: ticket?.number)
    }

    private func response(
        to answer: RedeemAnswer, _ clicked: ClickedLink, _ request: Request, _ settings: Settings
    ) -> Response {
        let path = service.baseURL.pathPrefix + "/l/\(clicked.token.text)"
        switch answer {
        case .signedIn(let session, let ticket):
            guard let cookie = service.keys.sign(session, as: .session) else {
                return pages.response(CustomerMessage.refreshFailed, request: request, settings: settings)
            }
            var response = Response.redirect(
                to: service.landing.url(of: ticket.number, landing: settings.landing), type: .normal)
            cookies.setSession(cookie, in: &response)
            return response
        case .accountQuestion(let owner):
            guard let current = clicked.current else {
                return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
            }
            let proof = cookies.proof(about: Self.instead(of: clicked.id), form: clicked.form)
            let page = AccountQuestionPage(
                signedInAs: current.customer.shownName, linkOwner: owner.shownName,
                goOn: PostForm(action: path + "/instead", proof: proof),
                stayPath: service.landing.url(of: current.sessionTicket, landing: settings.landing))
            return pages.response(page, request: request, settings: settings)
        case .deskLogin(let ticket):
            return .redirect(to: deskURL(ticket), type: .normal)
        case .message(.wrongLink):
            let button = PostForm(
                action: path + "/fresh", proof: cookies.proof(about: clicked.id.bytes, form: clicked.form))
            return pages.response(CustomerMessage.wrongLink, freshLink: button, request: request, settings: settings)
        case .message(let message):
            return pages.response(message.customerMessage, request: request, settings: settings)
        }
    }
}

/// A link whose button was pressed.
private struct ClickedLink {
    let token: LinkToken
    let id: UUID
    /// The browser's form cookie.
    let form: [UInt8]
    /// Who the browser was signed in as.
    let current: SignedIn?
}

extension RedeemAnswer {
    /// A short word for the log.
    var word: String {
        switch self {
        case .signedIn: "signed-in"
        case .accountQuestion: "account-question"
        case .message(let message): "\(message)"
        case .deskLogin: "desk-login"
        }
    }
}

extension RedeemMessage {
    /// The text of it.
    var customerMessage: CustomerMessage {
        switch self {
        case .linkExpired: .linkExpired
        case .wrongLink: .wrongLink
        case .newLink: .newLink
        case .refreshFailed: .refreshFailed
        }
    }
}

/// The token in a path, freed of what mail programs glue to the end of a link.
struct LinkToken: Sendable, Hashable {
    let text: String

    /// Nil when there is no token in it.
    init?(_ path: String?) {
        guard let path else { return nil }
        let decoded = path.utf8.contains(UInt8(ascii: "%")) ? path.removingPercentEncoding ?? path : path
        let token = decoded.utf8.prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
        guard token.count == 43 else { return nil }
        text = String(decoding: token, as: UTF8.self)
    }
}
