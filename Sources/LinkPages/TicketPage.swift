import Catalogue
import Foundation
import Text

/// A ticket and its messages, the newest first; of very many or very long messages as much as one page has room for.
public struct TicketPage: Page {
    /// One message of the ticket.
    public struct Article: Hashable, Sendable {
        /// Who wrote it, seen from the customer.
        public enum Author: Hashable, Sendable {
            case customer, helpDesk
            /// Another person than the customer.
            case other
        }

        /// The sender as the desk shows it.
        public var from: String
        /// Whether the customer or the help desk wrote it, or somebody else.
        public var author: Author
        /// Empty: none is shown.
        public var subject: String
        /// Plain text; line breaks are kept.
        public var text: String
        /// Decides the order; `distantPast`: unknown, and not shown.
        public var writtenAt: Date
        /// The names of its files.
        public var attachments: [String]

        /// A message as the desk told it; everything in it is escaped here.
        public init(
            from: String, author: Author, subject: String, text: String, writtenAt: Date, attachments: [String] = []
        ) {
            self.from = from
            self.author = author
            self.subject = subject
            self.text = text
            self.writtenAt = writtenAt
            self.attachments = attachments
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

    /// How much there is to be read and shown, in bytes: a page with much is not made where others wait for theirs.
    public var size: Int { articles.reduce(title.utf8.count) { $0 + MessageRoom.needed(for: $1) } }

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
    public func title(in catalogue: Catalogue) -> String { PlainText.line(number + " " + Self.line(title)) }

    /// Foundation's name for UTC is another one than that of our mails.
    private static func name(of zone: TimeZone) -> String { zone.identifier == "GMT" ? "UTC" : zone.identifier }

    /// The session, the ticket, and its messages.
    public func content(in frame: PageFrame) -> PageContent {
        let labels = frame.catalogue.ticket
        let heading = PlainText.line(Self.line(title)).isEmpty ? labels.number + " " + number : title
        return PageContent(
            """
            <div class="session">
            <p>\(labels.signedInAs) <strong>\(HTML.isolated(customer))</strong><br>
            <span class="small">\(HTML(labels.signedInUntil) { _ in HTML.time(signedInUntil, in: frame) })</span><br>
            <a class="small" href="\(sessionsPath)">\(frame.catalogue.sessions.invitation)</a></p>
            \(signOut.html(button: HTML(text: labels.signOut), style: .quiet))</div>
            <div class="card">
            <h1>\(HTML.isolated(Self.line(heading)))</h1>
            <dl>
            <div><dt>\(labels.number)</dt><dd>\(HTML.isolated(number))</dd></div>
            <div><dt>\(labels.state)</dt><dd>\(HTML.isolated(Self.line(state)))</dd></div>
            </dl>
            <p class="small reply">\(labels.howToReply)</p>
            </div>
            <section aria-labelledby="messages">
            <h2 id="messages">\(labels.messages)</h2>
            \(messages(in: frame))</section>
            <p class="small">\(HTML(labels.timeZone) { _ in HTML(text: Self.name(of: frame.zone)) })</p>

            """)
    }

    private func messages(in frame: PageFrame) -> HTML {
        let labels = frame.catalogue.ticket
        guard !articles.isEmpty else { return "<p class=\"card\">\(labels.noMessages)</p>\n" }
        let newestFirst = articles.enumerated().sorted { left, right in
            (left.element.writtenAt, left.offset) > (right.element.writtenAt, right.offset)
        }
        var room = MessageRoom()
        var shown: [HTML] = []
        for article in newestFirst where !room.isFull { shown.append(html(of: article.element, in: frame, &room)) }
        if shown.count < articles.count { shown.append("<p class=\"small\">\(labels.messagesCut)</p>\n") }
        if room.linksLeft < 0 { shown.append("<p class=\"small\">\(labels.addressesCut)</p>\n") }
        return HTML(shown)
    }

    private func html(of article: Article, in frame: PageFrame, _ room: inout MessageRoom) -> HTML {
        let labels = frame.catalogue.ticket
        let (kind, mark): (HTML, String) =
            switch article.author {
            case .customer: ("own", labels.you)
            case .helpDesk: ("desk", labels.helpDesk)
            case .other: ("other", labels.otherSender)
            }
        let subject = PlainText.line(Self.line(article.subject))
        let subjectLine: HTML? = subject.isEmpty ? nil : "<h3>\(HTML.isolated(subject))</h3>\n"
        let (text, isCut) = room.take(article.text)
        let note: HTML? = isCut ? "<p class=\"small\">\(labels.messageCut)</p>\n" : nil
        let time: HTML? =
            article.writtenAt == .distantPast
            ? nil
            : "<span><span class=\"hidden\">\(labels.writtenAt):</span> \(HTML.time(article.writtenAt, in: frame))</span>"
        let body = ArticleText(text, ownLinks: ownLinks, isCut: isCut)
            .html(linkHidden: labels.linkHidden, linksLeft: &room.linksLeft)
        return """
            <article class="card message \(kind)">
            \(subjectLine)<p class="byline"><span class="mark">\(mark)</span> \
            <span><span class="hidden">\(labels.from):</span> \(HTML.isolated(Self.line(article.from)))</span> \
            \(time)</p>
            <div class="text" dir="auto">\(body)</div>
            \(note)\(attachments(of: article, labels))</article>

            """
    }

    /// What a message has attached; of many files the first, with how many more there are.
    private func attachments(of article: Article, _ labels: Catalogue.TicketLabels) -> HTML? {
        guard !article.attachments.isEmpty else { return nil }
        let names = article.attachments.prefix(MessageRoom.mostAttachments).map { name -> HTML in
            let line = PlainText.line(Self.line(name, bytes: MessageRoom.longestName))
            return "<li>\(HTML.isolated(line.isEmpty ? "?" : line))</li>\n"
        }
        let left = article.attachments.count - names.count
        let more: HTML? =
            left > 0 ? "<li>\(HTML(labels.moreAttachments) { _ in HTML(text: String(left)) })</li>\n" : nil
        return """
            <div class="small attachments"><p>\(labels.attachments)</p>
            <ul>
            \(names)\(more)</ul></div>

            """
    }

    /// A title, a name or a subject, as far as anybody reads it.
    private static func line(_ text: String, bytes limit: Int = MessageRoom.longestLine) -> String {
        let (beginning, isCut) = PlainText.beginning(text, bytes: limit)
        return isCut ? beginning + " …" : beginning
    }
}
