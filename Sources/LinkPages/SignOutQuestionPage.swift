import Catalogue

/// Asked when a program that the customer has left sends the browser here without saying whom it speaks of: anybody's page could do
/// that, so nobody is signed out by it.
public struct SignOutQuestionPage: Page {
    /// The person of the session, as to be shown.
    public var signedInAs: String
    /// Signs out.
    public var signOut: PostForm

    public init(signedInAs: String, signOut: PostForm) {
        self.signedInAs = signedInAs
        self.signOut = signOut
    }

    public func title(in catalogue: Catalogue) -> String { catalogue.clientSignIn.signOutQuestion.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let catalogue = frame.catalogue
        let notice = catalogue.clientSignIn.signOutQuestion
        return PageContent(
            """
            <div class="card">
            <h1>\(notice.heading)</h1>
            <p>\(catalogue.ticket.signedInAs) <strong>\(HTML.isolated(signedInAs))</strong></p>
            \(HTML.paragraphs(notice.text))\(signOut.html(button: HTML(text: catalogue.ticket.signOut), style: .primary))</div>

            """)
    }
}
