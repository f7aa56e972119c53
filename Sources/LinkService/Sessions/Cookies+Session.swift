import Foundation
import Hummingbird
import LinkActs
import LinkPages
import OneTimeLinks

/// Forms that act on a session, such as signing out. Their authentication code is over the session's cookie.
extension BrowserCookies {
    /// The name of the value that says which session a form was made for.
    private static let madeFor = "session"

    /// The text of the cookie that the browser has once it has the answer.
    func text(of signedIn: SignedIn, _ request: Request) -> String {
        let sent = signedIn.isFollowed ? nil : session(request)
        return sent ?? keys.sign(signedIn.session, as: .session) ?? ""
    }

    /// Gives the browser the cookie of the session that took the place of its own.
    func keep(_ signedIn: SignedIn, for request: Request, in response: inout Response) {
        if signedIn.isFollowed { setSession(text(of: signedIn, request), in: &response) }
    }

    /// A form that acts on the session.
    func sessionForm(
        action: String, about subject: [UInt8], of signedIn: SignedIn, _ request: Request
    ) -> PostForm {
        PostForm(
            action: action,
            fields: [
                .init(
                    name: PostForm.proofName,
                    value: proof(about: subject, form: Array(text(of: signedIn, request).utf8))),
                .init(name: Self.madeFor, value: signedIn.session.text),
            ])
    }

    /// The session that a form was made for: the one that the browser's cookie names, or one that a later click has replaced, for a
    /// page that stayed open meanwhile. Nil: the form was made for somebody else, or for something else.
    ///
    /// A browser without a cookie sends no such form: other sites can make none send one.
    func sessionOfForm(
        _ request: Request, _ fields: FormFields, about subject: (UUID) -> [UInt8]
    ) -> UUID? {
        guard let cookie = session(request), let id = keys.verify(cookie, as: .session) else { return nil }
        if isProven(fields, about: subject(id), form: Array(cookie.utf8)) { return id }
        guard let other = fields[Self.madeFor].flatMap(UUID.init(uuidString:)),
            let text = keys.sign(other, as: .session),
            isProven(fields, about: subject(other), form: Array(text.utf8))
        else { return nil }
        return other
    }
}

extension LinkServiceDependencies {
    /// Who is signed in by a browser's session cookie; nil: nobody.
    ///
    /// - Parameter question: which tickets have to be known freshly.
    /// - Throws: `DeskUnavailable`, or an error of the database.
    func signedIn(
        _ request: Request, _ cookies: BrowserCookies, question: TicketQuestion = .any, _ settings: Settings
    ) async throws -> SignedIn? {
        guard let cookie = cookies.session(request) else { return nil }
        return try await checkSession(
            cookie: cookie, forms: cookies.formHashes(request), question: question, settings: settings)
    }

    /// Ends the session that a form was made for, or the one in its place.
    ///
    /// - Returns: true if the browser is not signed in by its cookie any more. Another page's form, which was made for another
    ///   browser, ends that one's session only.
    func signOut(
        _ session: UUID, _ request: Request, _ cookies: BrowserCookies, reason: String, _ context: LinkServiceContext
    ) async throws -> Bool {
        let ended = try await store.sessions.revoke(
            id: session, reason: reason, actor: nil, context: context.facts(request))
        guard let own = cookies.session(request).flatMap({ keys.verify($0, as: .session) }) else { return true }
        if own == session || ended.contains(own) { return true }
        let successor = try await store.sessions.successor(of: own, forms: nil)
        return successor.map { ended.contains($0) || $0 == session } ?? false
    }
}
