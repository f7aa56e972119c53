import Catalogue

/// Leads on by itself to where a program's request waits, once the customer is signed in.
///
/// A page and no redirect: Chromium holds the `form-action` of the page with the button against every redirect after it, and where
/// the program sends the browser in the end only the program knows.
public struct GoOnPage: Page {
    /// Where it goes on, on our own site; the response names it in `Refresh` too.
    public var path: String

    public init(path: String) { self.path = path }

    public func title(in catalogue: Catalogue) -> String { catalogue.clientSignIn.handOver.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.clientSignIn
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.handOver.heading)</h1>
            \(HTML.paragraphs(texts.handOver.text))\
            <a class="button primary" href="\(path)"><span>\(texts.handOverButton)</span></a>
            </div>

            """)
    }
}
