import Catalogue
import Foundation

/// A ticket and its messages, the newest first.
public struct TicketPage: Page {
    /// One message of the ticket.
    public struct Article: Hashable, Sendable {
        /// Who wrote it, seen from the customer.
        public enum Author: Hashable, Sendable {
            case customer, helpDesk
        }

        /// The sender as the desk shows it.
        public var from: String
        /// Whether the customer or the help desk wrote it.
        public var author: Author
        /// Empty: none is shown.
        public var subject: String
        /// Plain text; line breaks are kept.
        public var text: String
        /// Decides the order.
        public var writtenAt: Date

        /// A message as the desk told it; everything in it is escaped here.
        public init(from: String, author: Author, subject: String, text: String, writtenAt: Date) {
            self.from = from
            self.author = author
            self.subject = subject
            self.text = text
            self.writtenAt = writtenAt
        }
    }

    /// The number as customers know it.
    public var number: String
    /// Empty: the number is the heading.
    public var title: String
    /// The state as the desk names it.
    public var state: String
    /// In any order; of two with the same time, the later in the list counts as newer.
    public var articles: [Article]
    /// The person who is signed in, as to be shown.
    public var customer: String
    /// The end of the session.
    public var signedInUntil: Date
    /// Ends the session.
    public var signOut: PostForm
    /// The page of the person's sessions.
    public var sessionsPath: String
    /// The beginnings of our own sign-in URLs; such URLs in messages are hidden.
    public var ownLinks: [String]

    /// A ticket as the desk told it; everything in it is escaped here.
    public init(
        number: String, title: String, state: String, articles: [Article], customer: String, signedInUntil: Date,
        signOut: PostForm, sessionsPath: String, ownLinks: [String]
    ) {
        self.number = number
        self.title = title
        self.state = state
        self.articles = articles
        self.customer = customer
        self.signedInUntil = signedInUntil
        self.signOut = signOut
        self.sessionsPath = sessionsPath
        self.ownLinks = ownLinks
    }

    /// Number and title, so that tabs can be told apart.
    public func title(in catalogue: Catalogue) -> String { PlainText.line(number + " " + title) }

    /// The session, the ticket, and its messages.
    public func content(in frame: PageFrame) -> PageContent {
        let labels = frame.catalogue.ticket
        let heading = PlainText.line(title).isEmpty ? labels.number + " " + number : title
        return PageContent(
            """
            <div class="session">
            <p>\(labels.signedInAs) <strong>\(HTML.isolated(customer))</strong><br>
            <span class="small">\(HTML(labels.signedInUntil) { _ in HTML.time(signedInUntil, in: frame) })</span><br>
            <a class="small" href="\(sessionsPath)">\(frame.catalogue.sessions.invitation)</a></p>
            \(signOut.html(button: HTML(text: labels.signOut), style: .quiet))</div>
            <div class="card">
            <h1>\(HTML.isolated(heading))</h1>
            <dl>
            <div><dt>\(labels.number)</dt><dd>\(HTML.isolated(number))</dd></div>
            <div><dt>\(labels.state)</dt><dd>\(HTML.isolated(state))</dd></div>
            </dl>
            <p class="small reply">\(labels.howToReply)</p>
            </div>
            <section aria-labelledby="messages">
            <h2 id="messages">\(labels.messages)</h2>
            \(messages(in: frame))</section>
            <p class="small">\(HTML(labels.timeZone) { _ in HTML(text: frame.zone.identifier) })</p>

            """)
    }

    private func messages(in frame: PageFrame) -> HTML {
        guard !articles.isEmpty else { return "<p class=\"card\">\(frame.catalogue.ticket.noMessages)</p>\n" }
        let newestFirst = articles.enumerated().sorted { left, right in
            (left.element.writtenAt, left.offset) > (right.element.writtenAt, right.offset)
        }
        return HTML(newestFirst.map { html(of: $0.element, in: frame) })
    }

    private func html(of article: Article, in frame: PageFrame) -> HTML {
        let labels = frame.catalogue.ticket
        let (kind, mark): (HTML, String) =
            switch article.author {
            case .customer: ("own", labels.you)
            case .helpDesk: ("desk", labels.helpDesk)
            }
        let subject = PlainText.line(article.subject)
        let subjectLine: HTML? = subject.isEmpty ? nil : "<h3>\(HTML.isolated(subject))</h3>\n"
        return """
            <article class="card message \(kind)">
            \(subjectLine)<p class="byline"><span class="mark">\(mark)</span> \
            <span><span class="hidden">\(labels.from):</span> \(HTML.isolated(article.from))</span> \
            <span><span class="hidden">\(labels.writtenAt):</span> \(HTML.time(article.writtenAt, in: frame))</span></p>
            <div class="text" dir="auto">\(ArticleText(article.text, ownLinks: ownLinks).html(linkHidden: labels.linkHidden))</div>
            </article>

            """
    }
}
