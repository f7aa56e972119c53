import Catalogue

/// The page "send me a new link": a form for ticket number and address.
public struct NewLinkPage: Page {
    /// The names of the fields.
    public static let ticketField = "ticket"
    public static let emailField = "email"

    /// Where the form goes, with its hidden values.
    public var form: PostForm
    /// What was typed before; set when it could not be used.
    public var typed: (ticket: String, email: String)?
    /// Why the page came by itself; nil: somebody asked for it.
    public var reason: Reason?
    /// The address that stands in the form at first.
    public var proposedEmail: String?

    /// Why somebody who did not ask for a new link is shown the page.
    public enum Reason: Hashable, Sendable {
        /// A program wants to know who it is, and nobody is signed in.
        case signIn
        /// A program wants somebody who is signed in to sign in anew.
        case signInAgain
    }

    public init(
        form: PostForm, typed: (ticket: String, email: String)? = nil, reason: Reason? = nil,
        proposedEmail: String? = nil
    ) {
        self.form = form
        self.typed = typed
        self.reason = reason
        self.proposedEmail = proposedEmail
    }

    public func title(in catalogue: Catalogue) -> String { catalogue.newLink.notice.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.newLink
        let complaint: HTML? = typed.map { _ in "<p class=\"complaint\" role=\"alert\">\(texts.incomplete)</p>\n" }
        let why = reason.map { reason -> HTML in
            switch reason {
            case .signIn: HTML.paragraphs(frame.catalogue.clientSignIn.needed)
            case .signInAgain: HTML.paragraphs(frame.catalogue.clientSignIn.neededAgain)
            }
        }
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.notice.heading)</h1>
            \(why)\(HTML.paragraphs(texts.notice.text))\(complaint)\
            <form method="post" action="\(form.action)">\(form.hiddenFields)
            <p class="field"><label for="ticket">\(texts.ticketNumber)</label>
            <input id="ticket" name="\(Self.ticketField)" value="\(typed?.ticket ?? "")" required maxlength="100"\
             autocomplete="off" autocapitalize="off" spellcheck="false" inputmode="text"></p>
            <p class="field"><label for="email">\(texts.email)</label>
            <input id="email" name="\(Self.emailField)" value="\(typed?.email ?? proposedEmail ?? "")" type="email" required\
             maxlength="254" autocomplete="email"></p>
            <button type="submit" class="primary"><span>\(texts.button)</span></button>
            </form>
            <p class="small">\(texts.reason)</p>
            </div>

            """)
    }
}
