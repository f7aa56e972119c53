import Catalogue

/// Takes the browser back to a program that wanted to know who it is, with the answer in a form (OAuth 2.0 Form Post Response
/// Mode). A button, since no page of ours has a script.
public struct HandOverPage: Page {
    /// Where the form goes: an address of the program's, not of ours.
    public var action: String
    /// What it carries; a program compares it byte for byte.
    public var fields: [PostForm.Field]

    public init(action: String, fields: [PostForm.Field]) {
        self.action = action
        self.fields = fields
    }

    public func title(in catalogue: Catalogue) -> String { catalogue.clientSignIn.handOver.heading }

    public func content(in frame: PageFrame) -> PageContent {
        let texts = frame.catalogue.clientSignIn
        let hidden = HTML(
            fields.map { field in
                "<input type=\"hidden\" name=\"\(HTML(exactly: field.name))\" value=\"\(HTML(exactly: field.value))\">"
            })
        return PageContent(
            """
            <div class="card">
            <h1>\(texts.handOver.heading)</h1>
            \(HTML.paragraphs(texts.handOver.text))\
            <form method="post" action="\(HTML(exactly: action))">\(hidden)\
            <button type="submit" class="primary"><span>\(texts.handOverButton)</span></button></form>
            </div>

            """)
    }
}
