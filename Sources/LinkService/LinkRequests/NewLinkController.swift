import Foundation
import HTTPTypes
import Hummingbird
import LinkPages
import LinkStore
import OneTimeLinks

/// The page "send me a new link". It says the same, and takes the same time, whether ticket and address exist or not: the link request is
/// only written down here.
struct NewLinkController: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses

    static let path = "/new-link"

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get(RouterPath(Self.path), use: form)
        router.post(RouterPath(Self.path), use: linkRequest)
    }

    @Sendable func form(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        page(request, form: cookies.formOrNew(request))
    }

    @Sendable func linkRequest(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let proven = try await cookies.provenForm(request, origin: service.baseURL.origin, about: Self.purpose)
        else {
            return pages.response(.badNewLinkForm, status: .forbidden, request: request, settings: settings)
        }
        let typed = TypedLinkRequest(
            ticket: proven.fields[NewLinkPage.Field.ticket.rawValue] ?? "",
            email: proven.fields[NewLinkPage.Field.email.rawValue] ?? "", settings: settings)
        guard let number = typed.number, let email = typed.email else {
            return page(request, form: proven.form, typed: typed)
        }
        let linkRequest = LinkRequest(
            id: .version7(), ticketNumber: number, email: email, language: pages.language(request, settings).tag,
            createdAt: Date(), context: context.facts(request))
        let seconds = try await service.store.linkRequests.queue(
            linkRequest, key: service.keys.code(over: Array("\(number.text) \(email)".utf8), as: .limit),
            limits: LinkRequestLimits(
                perMinute: settings.link.refreshMailsPerMinute, perHour: settings.link.refreshMailsPerHour,
                perClientAndHour: settings.linkWishesPerClientAndHour))
        guard let seconds else {
            return pages.response(.linkRequested, status: .ok, request: request, settings: settings)
        }
        return pages.tooManyRequests(after: seconds, request: request, settings: settings)
    }

    /// The form.
    ///
    /// - Parameters:
    ///   - typed: what could not be used.
    ///   - reason: why the page came by itself.
    func page(
        _ request: Request, form: [UInt8], typed: TypedLinkRequest? = nil,
        reason: NewLinkPage.Reason? = nil, proposedEmail: String? = nil
    ) -> Response {
        let page = NewLinkPage(
            form: PostForm(
                action: service.baseURL.pathPrefix + Self.path, proof: cookies.proof(about: Self.purpose, form: form)),
            typed: typed?.typed, unclear: typed?.unclear ?? [], reason: reason, proposedEmail: proposedEmail)
        var response = pages.response(
            page, status: typed == nil ? .ok : .unprocessableContent, request: request, settings: service.settings())
        cookies.setForm(form, for: request, in: &response)
        return response
    }

    /// No link has such an id.
    private static let purpose = Array("new link".utf8)
}
