import Catalogue

/// The page behind a link in a mail: a button, and not a word about ticket or person, since a mail program or
/// whoever else has the URL may open it.
public struct ConfirmPage: Page {
    /// Spends the link.
    public var form: PostForm

    /// The page for the form that spends the link.
    public init(form: PostForm) { self.form = form }

    /// The same for every ticket.
    public func title(in catalogue: Catalogue) -> String { catalogue.confirmation.notice.heading }

    /// The button, and why it is there.
    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.confirmation
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.notice.heading)</h1>
            \(HTML.paragraphs(texts.notice.text))\
            \(form.html(button: HTML(text: texts.button), style: .primary))\
            <p class="small">\(texts.reason)</p>
            </div>

            """)
    }
}
