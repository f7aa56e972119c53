import Catalogue

/// Asked when a browser that is signed in as one person opens the link of another.
public struct AccountQuestionPage: Page {
    /// The person of the session, as to be shown.
    public var signedInAs: String
    /// The person of the link, as to be shown.
    public var linkOwner: String
    /// Signs in as the link's owner.
    public var goOn: PostForm
    /// The path that leads back to what the session was for; nil: no such way is offered.
    public var stayPath: String?

    /// The two people, the way on, and the way back if there is one.
    public init(signedInAs: String, linkOwner: String, goOn: PostForm, stayPath: String? = nil) {
        self.signedInAs = signedInAs
        self.linkOwner = linkOwner
        self.goOn = goOn
        self.stayPath = stayPath
    }

    /// The question.
    public func title(in catalogue: Catalogue) -> String { catalogue.accountQuestion.heading }

    /// Who is who, and the two buttons.
    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.accountQuestion
        let stay = stayPath.map { path -> HTML in
            "<a class=\"button secondary\" href=\"\(path)\"><span>\(HTML(texts.stay, name))</span></a>\n"
        }
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.heading)</h1>
            <p>\(HTML(texts.text) { "<strong>\(name($0))</strong>" })</p>
            <div class="choices">
            \(goOn.html(button: HTML(texts.goOn, name), style: .primary))\(stay)</div>
            </div>

            """)
    }

    private func name(_ field: Catalogue.AccountField) -> HTML {
        switch field {
        case .signedInAs: .isolated(signedInAs)
        case .linkOwner: .isolated(linkOwner)
        }
    }
}
