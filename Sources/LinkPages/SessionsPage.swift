import Catalogue
import Foundation

/// The sessions of a person, each with a button that ends it.
public struct SessionsPage: Page {
    /// What a session gives access to.
    public struct Grant: Hashable, Sendable {
        /// Nil: all of the person's tickets.
        public var ticketNumber: String?
        public var title: String?
        /// Ends it and leaves the others; nil: it ends with its session only.
        public var signOut: PostForm?

        /// A grant as it is stored; the title is escaped here.
        public init(ticketNumber: String?, title: String?, signOut: PostForm?) {
            self.ticketNumber = ticketNumber
            self.title = title
            self.signOut = signOut
        }
    }

    /// One session.
    public struct Row: Hashable, Sendable {
        /// What the browser called itself at the sign-in; nil: nothing.
        public var userAgent: String?
        public var began: Date
        /// To the minute.
        public var lastUsed: Date
        /// The session of whoever looks at the page.
        public var isThisBrowser: Bool
        /// Ends the session.
        public var signOut: PostForm
        public var grants: [Grant]

        /// A session as it is stored; what the browser said is escaped here.
        public init(
            userAgent: String?, began: Date, lastUsed: Date, isThisBrowser: Bool, signOut: PostForm,
            grants: [Grant] = []
        ) {
            self.userAgent = userAgent
            self.began = began
            self.lastUsed = lastUsed
            self.isThisBrowser = isThisBrowser
            self.signOut = signOut
            self.grants = grants
        }
    }

    /// The person who is signed in, as to be shown.
    public var customer: String
    public var rows: [Row]
    /// Ends them all.
    public var signOutEverywhere: PostForm

    public init(customer: String, rows: [Row], signOutEverywhere: PostForm) {
        self.customer = customer
        self.rows = rows
        self.signOutEverywhere = signOutEverywhere
    }

    public func title(in catalogue: Catalogue) -> String { catalogue.sessions.notice.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.sessions
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.notice.heading)</h1>
            \(HTML.paragraphs(texts.notice.text))\
            <p>\(frame.catalogue.ticket.signedInAs) <strong>\(HTML.isolated(customer))</strong></p>
            <ul class="sessions">
            \(HTML(rows.map { html(of: $0, in: frame) }))</ul>
            \(signOutEverywhere.html(button: HTML(text: texts.signOutEverywhere), style: .secondary))</div>

            """)
    }

    private func html(of row: Row, in frame: PageFrame) -> HTML {
        let texts = frame.catalogue.sessions
        let browser = BrowserName(userAgent: row.userAgent ?? "")
        let known = [browser.program, browser.system].compactMap(\.self)
        let name = known.isEmpty ? texts.unknownBrowser : known.joined(separator: ", ")
        let mark: HTML? = row.isThisBrowser ? " <span class=\"mark\">(\(texts.thisBrowser))</span>" : nil
        return """
            <li><div><strong>\(name)</strong>\(mark)<br>
            <span class="small">\(HTML(texts.began) { _ in HTML.time(row.began, in: frame) })<br>
            \(HTML(texts.lastUsed) { _ in HTML.time(row.lastUsed, in: frame) })</span></div>
            \(row.signOut.html(button: HTML(text: frame.catalogue.ticket.signOut), style: .quiet))\
            \(grants(of: row, in: frame))</li>

            """
    }

    private func grants(of row: Row, in frame: PageFrame) -> HTML? {
        if row.grants.isEmpty { return nil }
        let texts = frame.catalogue.sessions
        let items = row.grants.map { grant -> HTML in
            let title: HTML? = grant.title.flatMap { $0.isEmpty ? nil : " \(HTML.isolated($0))" }
            let name: HTML =
                grant.ticketNumber.map { "<strong>\($0)</strong>" } ?? "<strong>\(texts.allTickets)</strong>"
            let button: HTML? = grant.signOut.map { $0.html(button: HTML(text: texts.signOutOfTicket), style: .quiet) }
            return "<li><span>\(name)\(title)</span>\(button)</li>\n"
        }
        return """
            <ul class="grants">
            \(HTML(items))</ul>
            """
    }
}
