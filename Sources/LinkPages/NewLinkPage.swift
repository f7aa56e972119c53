import Catalogue

/// The page "send me a new link": a form for ticket number and address.
public struct NewLinkPage: Page {
    /// What is asked for, under the names that the service reads it by.
    public enum Field: String, Hashable, Sendable {
        case ticket, email
    }

    /// Where the form goes, with its hidden values.
    public var form: PostForm
    /// What was typed before; set when it could not be used.
    public var typed: (ticket: String, email: String)?
    /// Of what was typed, what was not understood.
    public var unclear: Set<Field>
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
        form: PostForm, typed: (ticket: String, email: String)? = nil, unclear: Set<Field> = [],
        reason: Reason? = nil, proposedEmail: String? = nil
    ) {
        self.form = form
        self.typed = typed
        self.unclear = unclear
        self.reason = reason
        self.proposedEmail = proposedEmail
    }

    public func title(in catalogue: Catalogue) -> String { catalogue.newLink.notice.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.newLink
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
            \(why)\(HTML.paragraphs(texts.notice.text))\
            <form method="post" action="\(form.action)">\(form.hiddenFields)
            \(complaint(.ticket, texts.ticketUnclear))\
            <p class="field"><label for="ticket">\(texts.ticketNumber)</label>
            <input id="ticket" name="\(Field.ticket.rawValue)" value="\(typed?.ticket ?? "")" required maxlength="250"\
             autocomplete="off" autocapitalize="off" spellcheck="false" inputmode="text"\(state(.ticket))></p>
            \(complaint(.email, texts.emailUnclear))\
            <p class="field"><label for="email">\(texts.email)</label>
            <input id="email" name="\(Field.email.rawValue)" value="\(typed?.email ?? proposedEmail ?? "")" required\
             maxlength="320" autocomplete="email" autocapitalize="off" spellcheck="false" inputmode="email"\
            \(state(.email))></p>
            <button type="submit" class="primary"><span>\(texts.button)</span></button>
            </form>
            <p class="small">\(texts.reason)</p>
            </div>

            """)
    }

    /// Stands above a field that was not understood.
    private func complaint(_ field: Field, _ text: String) -> HTML? {
        guard unclear.contains(field) else { return nil }
        return "<p class=\"complaint\" role=\"alert\" id=\"\(field.rawValue)-unclear\">\(text)</p>\n"
    }

    /// Says the same of the field itself. Its type is text: in a field of type email, browsers refuse a name beside the address.
    private func state(_ field: Field) -> HTML? {
        guard unclear.contains(field) else { return nil }
        return " aria-invalid=\"true\" aria-describedby=\"\(field.rawValue)-unclear\""
    }
}
