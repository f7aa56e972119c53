/// A file of an article as `TicketGet` names it with `Attachments=1`; its content is not asked for.
///
/// With `HTMLBodyAsAttachment=1` the HTML text of an article is among them, as `file-1` or `file-2`: it tells the images that stand in
/// the text from those that were attached.
struct OTOBOAttachment: Decodable, Sendable {
    var filename: Lenient<WireText>?
    var contentType: Lenient<WireText>?
    var contentID: Lenient<WireText>?
    var disposition: Lenient<WireText>?

    private enum CodingKeys: String, CodingKey {
        case filename = "Filename"
        case contentType = "ContentType"
        case contentID = "ContentID"
        case disposition = "Disposition"
    }

    private var isInline: Bool { disposition?.value?.text.lowercased() == "inline" }
    private var hasContentID: Bool { contentID?.value?.text.isEmpty == false }

    private func isOf(type prefix: String) -> Bool {
        contentType?.value?.text.lowercased().hasPrefix(prefix) ?? false
    }

    /// True for the article's text in HTML.
    private var isBody: Bool {
        isInline && !hasContentID && isOf(type: "text/html")
            && ["file-1", "file-2"].contains(filename?.value?.text ?? "")
    }

    /// The names of what a reader would call attachments: neither the text itself, nor the images that stand in a text in HTML.
    static func names(of files: [OTOBOAttachment]) -> [String] {
        let isHTML = files.contains(where: \.isBody)
        return files.filter { file in
            !file.isBody && !(isHTML && file.isInline && file.hasContentID && file.isOf(type: "image/"))
        }.map { $0.filename?.value?.text ?? "" }
    }
}
