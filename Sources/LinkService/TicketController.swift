import Foundation
import Hummingbird
import LinkActs
import LinkPages
import OneTimeLinks
import TicketSystem

/// The ticket page, and signing out.
struct TicketController: Sendable {
    /// A longer message is shown up to here.
    private static let longestText = 200_000

    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses
    let articles: RecentArticles

    init(service: LinkServiceDependencies, cookies: BrowserCookies, pages: PageResponses) {
        self.service = service
        self.cookies = cookies
        self.pages = pages
        let desk = service.desk
        articles = RecentArticles { try await desk.articles(ofTicket: $0) }
    }

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get("/t/{number}", use: show)
        router.post("/sign-out", use: signOut)
    }

    @Sendable func show(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let cookie = cookies.session(request),
            let signedIn = try await service.checkSession(cookie: cookie, settings: settings)
        else {
            return pages.response(.signedOut, status: .unauthorized, request: request, settings: settings)
        }
        guard let number = context.parameters.get("number").flatMap(TicketNumber.init),
            let ticket = try await service.checkSession.ticket(number, for: signedIn, settings: settings)
        else {
            return pages.response(.notFound, status: .notFound, request: request, settings: settings)
        }
        let articles = try await articles(ticket.ticketID)
        return pages.response(
            page(signedIn, ticket, articles, cookie: cookie), request: request, settings: settings,
            preferred: signedIn.customer.language)
    }

    private func page(
        _ signedIn: SignedIn, _ ticket: Ticket, _ articles: [TicketArticle], cookie: String
    ) -> TicketPage {
        let left = signedIn.validUntil - .now
        return TicketPage(
            number: ticket.number.text, title: ticket.title, state: ticket.state,
            articles: articles.map { article in
                TicketPage.Article(
                    from: article.from, author: article.sender == .customer ? .customer : .helpDesk,
                    subject: article.subject, text: String(article.text.prefix(Self.longestText)),
                    writtenAt: article.createdAt ?? .distantPast)
            },
            customer: signedIn.customer.shownName,
            signedInUntil: Date().addingTimeInterval(TimeInterval(left.components.seconds)),
            signOut: PostForm(
                action: service.baseURL.pathPrefix + "/sign-out",
                proof: cookies.proof(about: signedIn.session.bytes, form: Array(cookie.utf8))),
            sessionsPath: service.baseURL.pathPrefix + SessionsController.path,
            ownLinks: [service.baseURL.url("/l/")])
    }

    @Sendable func signOut(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        let body = try await request.body(upTo: 4096)
        guard let cookie = cookies.session(request), let id = service.keys.verify(cookie, as: .session),
            cookies.isProven(FormFields(String(buffer: body)), about: id.bytes, form: Array(cookie.utf8))
        else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        _ = try await service.store.sessions.revoke(
            id: id, reason: "signed out", actor: nil, context: context.facts(request))
        var response = pages.response(.signedOut, status: .ok, request: request, settings: settings)
        cookies.removeSession(in: &response)
        return response
    }
}
