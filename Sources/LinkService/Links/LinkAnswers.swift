import Catalogue
import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkPages
import LinkStore
import OneTimeLinks

/// A link as a browser named it, whose token was found to be good: in a path of ours, or in an address of the old add-on.
struct NamedLink: Sendable {
    let id: UUID
    /// Where it is opened, and where its form is sent.
    let path: String
    /// Where the account question is answered.
    let insteadPath: String
    /// Where a fresh link is asked for.
    let freshPath: String
}

/// What a browser is answered at a link, however it named it: opening one changes nothing, its button signs in. Without a link, the
/// token was none.
struct LinkAnswers: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses
    /// Wrong tokens and keys on all routes of this replica.
    let guesses: GuessLimit

    /// A client's request that waits for the sign-in.
    private var flow: SignInFlow { SignInFlow(baseURL: service.baseURL, keys: service.keys) }

    /// Whatever is neither opening nor confirming.
    static let otherMethods = [HTTPRequest.Method.put, .patch, .delete, .options]

    /// To one of the other methods.
    func refuse(_ request: Request) -> Response {
        var response = pages.response(
            .methodNotAllowed, status: .methodNotAllowed, request: request, settings: service.settings())
        response.headers[.allow] = "GET, HEAD, POST"
        return response
    }

    /// The confirm page; says nothing about ticket or person, whether the link works or not.
    func confirm(_ link: NamedLink?, _ request: Request, _ context: LinkServiceContext) -> Response {
        let settings = service.settings()
        guard let link else {
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        let visitor = VisitRule.judge(VisitSigns(request, hasCookie: !cookies.forms(request).isEmpty))
        service.noteVisit(LinkVisit(link: link.id, visitor: visitor, context: context.facts(request)))
        let form = cookies.formOrNew(request)
        let page = ConfirmPage(
            form: PostForm(action: link.path, proof: cookies.proof(about: link.id.bytes, form: form)))
        var response = pages.response(page, request: request, settings: settings)
        cookies.setForm(form, for: request, in: &response)
        return response
    }

    /// The button of the confirm page, or, if `isAsked`, that of the question whether the browser is to go on as somebody else.
    func redeem(
        _ link: NamedLink?, _ request: Request, _ context: LinkServiceContext, isAsked: Bool
    ) async throws -> Response {
        let settings = service.settings()
        guard let link else {
            service.measurements.redemptions.increment("forged")
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        let purpose = isAsked ? Self.instead(of: link.id) : link.id.bytes
        guard let form = try await cookies.provenForm(request, origin: service.baseURL.origin, about: purpose)?.form
        else {
            service.measurements.redemptions.increment("bad-form")
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        do {
            // Who it is decides here, and no ticket: the desk need not be asked.
            let current = try await service.signedIn(request, cookies, question: .none, settings)
            let answer = try await service.redeem(
                link: link.id,
                browser: ClickingBrowser(
                    form: cookies.browserHash(form), forms: cookies.formHashes(request), signedIn: current,
                    isAsked: isAsked),
                settings: settings, language: pages.language(request, settings).tag, context: context.facts(request))
            service.measurements.redemptions.increment(answer.word)
            context.logger.info(
                "A link was clicked", metadata: ["link": "\(link.id.text)", "answer": "\(answer.word)"])
            if let current, case .signedIn(_, let ticket) = answer,
                ticket.customerLogin?.utf8.elementsEqual(current.customer.login.utf8) != true
            {
                try await endOther(current, context.facts(request))
            }
            return response(to: answer, ClickedLink(link: link, form: form, current: current), request, settings)
        } catch let error as DeskUnavailable {
            service.measurements.redemptions.increment("desk-unavailable")
            guard let state = try await service.store.links.find(id: link.id)?.state,
                [LinkState.offered, .active].map(\.rawValue).contains(state)
            else { throw error }
            throw LinkUnspent(cause: error)
        }
    }

    /// The session of another person that the browser had before: its cookie is gone now, and nobody else is to have it.
    private func endOther(_ session: SignedIn, _ context: RequestContextFacts) async throws {
        _ = try await service.store.sessions.revoke(
            id: session.session, reason: "replaced by a new sign-in", actor: nil, context: context)
    }

    /// What the form of the account question is about: no form of a confirm page passes for it.
    private static func instead(of link: UUID) -> [UInt8] { link.bytes + Array("instead".utf8) }

    /// The button of the page that says that a newer link exists.
    func freshLink(
        _ link: NamedLink?, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let settings = service.settings()
        guard let link else {
            return pages.response(CustomerMessage.linkExpired, request: request, settings: settings)
        }
        guard try await cookies.provenForm(request, origin: service.baseURL.origin, about: link.id.bytes) != nil else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        let answer = try await service.redeem.freshLink(
            link: link.id, settings: settings, language: pages.language(request, settings).tag,
            context: context.facts(request))
        return response(to: answer, link, request, settings)
    }

    private func response(
        to answer: FreshLinkAnswer, _ link: NamedLink, _ request: Request, _ settings: Settings
    ) -> Response {
        switch answer {
        case .message(let message): return pages.response(message.customerMessage, request: request, settings: settings)
        case .linkWorks: return .redirect(to: link.path, type: .normal)
        case .deskLogin(let ticket): return .redirect(to: deskURL(ticket), type: .normal)
        case .noMail(let reason): return response(to: reason, request, settings)
        }
    }

    /// No new link is on the way, and the page says so.
    private func response(to reason: NoMailReason, _ request: Request, _ settings: Settings) -> Response {
        switch reason {
        case .limited(let seconds): pages.tooManyRequests(after: seconds, request: request, settings: settings)
        case .refused: pages.response(.mailRefused, status: .gone, request: request, settings: settings)
        }
    }

    /// The desk's own page of a ticket, or of all tickets.
    private func deskURL(_ ticket: Ticket?) -> String {
        service.landing.deskURL(of: ticket?.number)
    }

    private func response(
        to answer: RedeemAnswer, _ clicked: ClickedLink, _ request: Request, _ settings: Settings
    ) -> Response {
        switch answer {
        case .signedInAlready(let session, let ticket):
            // A browser that is not signed in at the desk is not sent there.
            let landing = clicked.current?.scope == .account ? settings.landing : .page
            var response = Response.redirect(
                to: service.landing.url(of: ticket.number, landing: landing), type: .normal)
            if let cookie = service.keys.sign(session, as: .session) { cookies.setSession(cookie, in: &response) }
            return response
        case .signedIn(let session, let ticket):
            guard let cookie = service.keys.sign(session, as: .session) else {
                return pages.response(CustomerMessage.refreshFailed, request: request, settings: settings)
            }
            var response: Response
            // A session of one ticket is nobody at a client.
            if settings.landing.scope == .account, let path = flow.waiting(request) {
                response = pages.response(GoOnPage(path: path), request: request, settings: settings)
                response.headers[.refresh] = "0; url=\(path)"
            } else {
                response = .redirect(
                    to: service.landing.url(of: ticket.number, landing: settings.landing), type: .normal)
            }
            cookies.setSession(cookie, in: &response)
            return response
        case .accountQuestion(let owner):
            guard let current = clicked.current else {
                return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
            }
            let proof = cookies.proof(about: Self.instead(of: clicked.link.id), form: clicked.form)
            let page = AccountQuestionPage(
                signedInAs: current.customer.shownName, linkOwner: owner.shownName,
                goOn: PostForm(action: clicked.link.insteadPath, proof: proof),
                stayPath: stayPath(current, settings))
            return pages.response(page, request: request, settings: settings)
        case .deskLogin(let ticket):
            return .redirect(to: deskURL(ticket), type: .normal)
        case .noNewLink(let reason): return response(to: reason, request, settings)
        case .message(.wrongLink):
            let proof = cookies.proof(about: clicked.link.id.bytes, form: clicked.form)
            let button = PostForm(action: clicked.link.freshPath, proof: proof)
            return pages.response(CustomerMessage.wrongLink, freshLink: button, request: request, settings: settings)
        case .message(let message):
            return pages.response(message.customerMessage, request: request, settings: settings)
        }
    }
}

extension LinkAnswers {
    /// Where a person goes who stays signed in.
    private func stayPath(_ current: SignedIn, _ settings: Settings) -> String {
        guard let ticket = current.sessionTicket else { return service.baseURL.pathPrefix + SessionsController.path }
        return service.landing.url(of: ticket, landing: current.scope == .account ? settings.landing : .page)
    }
}

/// A link whose button was pressed.
private struct ClickedLink {
    let link: NamedLink
    /// The browser's form cookie.
    let form: [UInt8]
    /// Who the browser was signed in as.
    let current: SignedIn?
}

extension RedeemAnswer {
    /// A short word for the log and for the metrics.
    var word: String {
        switch self {
        case .signedIn: "signed-in"
        case .signedInAlready: "signed-in-already"
        case .accountQuestion: "account-question"
        case .message(.linkExpired): "link-expired"
        case .message(.wrongLink): "wrong-link"
        case .message(.newLink): "new-link"
        case .message(.refreshFailed): "refresh-failed"
        case .noNewLink(let reason): reason.word
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
