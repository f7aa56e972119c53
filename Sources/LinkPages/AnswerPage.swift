import Catalogue

/// A page that says one thing: what became of a link, or why there is nothing to show.
public struct AnswerPage: Page {
    /// What there is to say.
    public enum Answer: Hashable, Sendable {
        /// One of the four messages; `text` is the administrator's own wording (plain text), nil the built-in one.
        case message(CustomerMessage, text: String?)
        /// The link request was written down; whether there is one to mail is not said.
        case linkRequested
        /// 429; `retryAfter` in seconds, nil if unknown.
        case tooManyRequests(retryAfter: Int?)
        /// A mail with a new link was refused for good, and none is mailed for now.
        case mailRefused
        /// 503.
        case temporarilyUnavailable
        /// 503 at a link that was not spent.
        case linkUnspent
        /// 410: the help desk does not show the ticket any more.
        case ticketGone
        /// 404.
        case notFound
        /// 405.
        case methodNotAllowed
        /// 421: the page was asked for under a host that is not ours.
        case foreignHost
        /// A form without its cookie, or from elsewhere.
        case badForm
        /// The same of the form for a new link, to which no link leads.
        case badNewLinkForm
        /// 500.
        case internalError(requestID: String)
        /// The session is over at the customer's own request.
        case signedOut
        /// A program asked for a sign-in in a way that cannot be answered, and cannot be told so either.
        case signInRefused(requestID: String)
        /// A program asks again and again.
        case signInEndless
    }

    /// What the page says.
    public var answer: Answer
    /// The form behind the button "Mail me a fresh link"; nil: no button.
    public var freshLink: PostForm?

    /// An answer, with a button for a fresh link if one is offered.
    public init(_ answer: Answer, freshLink: PostForm? = nil) {
        self.answer = answer
        self.freshLink = freshLink
    }

    /// The heading of the answer.
    public func title(in catalogue: Catalogue) -> String { notice(in: catalogue).heading }

    /// The answer, and the button if there is one.
    public func content(in frame: PageFrame) -> PageContent {
        let catalogue = frame.catalogue
        let notice = notice(in: catalogue)
        let button = freshLink.map { form -> HTML in
            """
            <div class="more">
            <p>\(catalogue.freshLink.hint)</p>
            \(form.html(button: HTML(text: catalogue.freshLink.button), style: .primary))</div>

            """
        }
        return PageContent(
            """
            <div class="card">
            \(Symbol(answer).html)<h1>\(notice.heading)</h1>
            \(HTML.paragraphs(notice.text))\(supplement(in: catalogue))\(button)\(invitation(in: frame))</div>

            """)
    }

    /// The way to another link, where an old one has nothing more to offer.
    private func invitation(in frame: PageFrame) -> HTML? {
        switch answer {
        case .message(.linkExpired, _), .message(.refreshFailed, _), .signedOut, .notFound, .badNewLinkForm:
            guard freshLink == nil, let path = frame.newLinkPath else { return nil }
            return "<p><a href=\"\(path)\">\(frame.catalogue.newLink.invitation)</a></p>\n"
        default: return nil
        }
    }

    private func notice(in catalogue: Catalogue) -> Notice {
        switch answer {
        case .message(let message, let text): catalogue.notice(message, text: text)
        case .linkRequested: catalogue.newLink.requested
        case .tooManyRequests: catalogue.answers.tooManyRequests
        case .mailRefused: catalogue.answers.mailRefused
        case .temporarilyUnavailable: catalogue.answers.temporarilyUnavailable
        case .linkUnspent: catalogue.answers.linkUnspent
        case .ticketGone: catalogue.answers.ticketGone
        case .notFound: catalogue.answers.notFound
        case .methodNotAllowed: catalogue.answers.methodNotAllowed
        case .foreignHost: catalogue.answers.foreignHost
        case .badForm: catalogue.answers.badForm
        case .badNewLinkForm: catalogue.answers.badNewLinkForm
        case .internalError: catalogue.answers.internalError
        case .signedOut: catalogue.answers.signedOut
        case .signInRefused: catalogue.clientSignIn.refused
        case .signInEndless: catalogue.clientSignIn.endless
        }
    }

    private func supplement(in catalogue: Catalogue) -> HTML? {
        switch answer {
        case .tooManyRequests(let seconds?) where seconds <= Self.longestWaitInMinutes * 60:
            let minutes = max(1, (seconds + 59) / 60)
            guard minutes > 1 else { return "<p>\(catalogue.answers.retryInOneMinute)</p>\n" }
            return "<p>\(HTML(catalogue.answers.retryInMinutes) { _ in HTML(text: String(minutes)) })</p>\n"
        case .internalError(let requestID), .signInRefused(let requestID):
            return "<p>\(HTML(catalogue.answers.requestID) { _ in "<code>\(requestID)</code>" })</p>\n"
        default:
            return nil
        }
    }

    /// Nobody counts longer waits in minutes; the page then only says to wait.
    private static let longestWaitInMinutes = 90
}
