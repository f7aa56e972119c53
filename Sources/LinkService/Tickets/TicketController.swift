import Foundation
import Hummingbird
import LinkActs
import LinkPages
import OneTimeLinks
import TicketSystem

/// The ticket page, and signing out.
struct TicketController: Sendable {
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
        let number = context.parameters.get("number").flatMap(TicketNumber.init)
        let question = number.map(TicketQuestion.about) ?? .any
        guard let signedIn = try await service.signedIn(request, cookies, question: question, settings) else {
            let session = cookies.session(request).flatMap { service.keys.verify($0, as: .session) }
            if try await gone.isGone(number, session: session, settings) { return ticketGone(request, settings) }
            return pages.response(.signedOut, status: .unauthorized, request: request, settings: settings)
        }
        guard let number,
            let ticket = try await service.checkSession.ticket(number, for: signedIn, settings: settings)
        else {
            if try await gone.isGone(number, session: signedIn.session, settings) {
                return keep(signedIn, request, ticketGone(request, settings))
            }
            return keep(
                signedIn, request,
                pages.response(.notFound, status: .notFound, request: request, settings: settings))
        }
        guard ticket.number == number else {
            // The ticket was merged into this one, which the customer may see: the old address leads there.
            let path = service.baseURL.pathPrefix + "/t/\(ticket.number)"
            return keep(signedIn, request, .redirect(to: path, type: .normal))
        }
        let articles: [TicketArticle]
        do {
            articles = try await self.articles(ticket.ticketID)
        } catch let error as TicketSystemError where error.kind == .invisible {
            // The desk did not tell of the deletion, or will yet.
            try await service.store.tickets.markUnseen(ticketID: ticket.ticketID)
            return keep(signedIn, request, ticketGone(request, settings))
        }
        let response = try await pages.response(
            page(signedIn, ticket, articles, request), request: request, settings: settings,
            preferred: signedIn.customer.language, by: service.longWork)
        return keep(signedIn, request, response)
    }

    private var gone: GoneTicket { GoneTicket(service: service) }

    /// Gives a browser that was led on the cookie of the session that it has now.
    private func keep(_ signedIn: SignedIn, _ request: Request, _ response: Response) -> Response {
        var response = response
        cookies.keep(signedIn, for: request, in: &response)
        return response
    }

    private func ticketGone(_ request: Request, _ settings: Settings) -> Response {
        pages.response(.ticketGone, status: .gone, request: request, settings: settings)
    }

    private func page(
        _ signedIn: SignedIn, _ ticket: Ticket, _ articles: [TicketArticle], _ request: Request
    ) -> TicketPage {
        let left = signedIn.validUntil(for: ticket.number) - .now
        return TicketPage(
            number: ticket.number.text, title: ticket.title, state: ticket.state,
            articles: articles.map { article in
                TicketPage.Article(
                    from: article.from, author: .init(of: article, seenBy: signedIn.customer),
                    subject: article.subject, text: article.text,
                    writtenAt: article.createdAt ?? .distantPast, attachments: article.attachments)
            },
            customer: signedIn.customer.shownName,
            signedInUntil: Date().addingTimeInterval(TimeInterval(left.components.seconds)),
            signOut: cookies.sessionForm(
                action: service.baseURL.pathPrefix + "/sign-out", about: signedIn.session.bytes, of: signedIn, request),
            sessionsPath: service.baseURL.pathPrefix + SessionsController.path,
            ownLinks: [service.baseURL.url("/l/")])
    }

    @Sendable func signOut(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        let fields = try FormFields(String(buffer: try await request.body(upTo: 4096)))
        guard let session = cookies.sessionOfForm(request, fields, about: \.bytes) else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        let isOver = try await service.signOut(session, request, cookies, reason: "signed out", context)
        var response = pages.response(.signedOut, status: .ok, request: request, settings: settings)
        if isOver { cookies.removeSession(in: &response) }
        return response
    }
}
