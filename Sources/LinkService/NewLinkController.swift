import Foundation
import HTTPTypes
import Hummingbird
import LinkPages
import LinkStore
import MailMessage
import OneTimeLinks

/// The page "send me a new link". It says the same, and takes the same time, whether ticket and address exist or not: the wish is
/// only written down here.
struct NewLinkController: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses

    static let path = "/new-link"

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get(RouterPath(Self.path), use: form)
        router.post(RouterPath(Self.path), use: wish)
    }

    @Sendable func form(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        page(request, form: cookies.formOrNew(request))
    }

    @Sendable func wish(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let proven = try await cookies.provenForm(request, origin: service.baseURL.origin, about: Self.purpose)
        else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        let typed = (
            ticket: proven.fields[NewLinkPage.ticketField] ?? "", email: proven.fields[NewLinkPage.emailField] ?? ""
        )
        guard let number = Self.ticketNumber(typed.ticket, settings),
            let address = try? MailAddress(typed.email.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return page(request, form: proven.form, typed: typed) }
        let email = AddressIdentity.canonical(address.address)
        let wish = LinkWish(
            id: .version7(), ticketNumber: number, email: email, language: pages.language(request, settings).tag,
            createdAt: Date(), context: context.facts(request))
        let seconds = try await service.store.linkRequests.queue(
            wish, key: service.keys.code(over: Array("\(number.text) \(email)".utf8), as: .limit),
            limits: LinkWishLimits(
                perMinute: settings.link.refreshMailsPerMinute, perHour: settings.link.refreshMailsPerHour,
                perClientAndHour: settings.linkWishesPerClientAndHour))
        guard let seconds else {
            return pages.response(.newLinkWished, status: .ok, request: request, settings: settings)
        }
        return pages.tooManyRequests(after: seconds, request: request, settings: settings)
    }

    /// The form.
    ///
    /// - Parameters:
    ///   - typed: what could not be used.
    ///   - reason: why the page came by itself.
    func page(
        _ request: Request, form: [UInt8], typed: (ticket: String, email: String)? = nil,
        reason: NewLinkPage.Reason? = nil, proposedEmail: String? = nil
    ) -> Response {
        let page = NewLinkPage(
            form: PostForm(
                action: service.baseURL.pathPrefix + Self.path, proof: cookies.proof(about: Self.purpose, form: form)),
            typed: typed, reason: reason, proposedEmail: proposedEmail)
        var response = pages.response(
            page, status: typed == nil ? .ok : .unprocessableContent, request: request, settings: service.settings())
        cookies.setForm(form, for: request, in: &response)
        return response
    }

    /// No link has such an id.
    private static let purpose = Array("new link".utf8)

    /// The number as people copy it: alone, or with the hook and brackets around it.
    private static func ticketNumber(_ text: String, _ settings: Settings) -> TicketNumber? {
        let hook = settings.text(SettingName.ticketHook) ?? ""
        let bare = text.trimmingCharacters(in: .whitespacesAndNewlines.union(["[", "]", "#"]))
        let isHooked = !hook.isEmpty && bare.lowercased().hasPrefix(hook.lowercased())
        let number = isHooked ? String(bare.dropFirst(hook.count)) : bare
        return TicketNumber(number.trimmingCharacters(in: .whitespacesAndNewlines.union([":", "#"])))
    }
}
