/// A file of an article, or its text in HTML, as the desk keeps it.
public struct DemoAttachment: Sendable, Hashable {
    public var filename: String
    /// With its parameters, as the mail had it.
    public var contentType: String
    /// With its angle brackets; empty: it has none.
    public var contentID: String
    /// The desk's own word: `attachment` or `inline`.
    public var disposition: String
    public var content: [UInt8]
    /// True for the article's text in HTML, which the web service leaves out unless it is asked for.
    public var isHTMLBody: Bool

    public init(
        filename: String, contentType: String = "application/octet-stream", contentID: String = "",
        disposition: String = "attachment", content: [UInt8] = [], isHTMLBody: Bool = false
    ) {
        self.filename = filename
        self.contentType = contentType
        self.contentID = contentID
        self.disposition = disposition
        self.content = content
        self.isHTMLBody = isHTMLBody
    }
}
