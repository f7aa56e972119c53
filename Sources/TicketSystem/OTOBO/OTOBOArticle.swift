import Foundation
import Text

/// An article as `TicketGet` sends it with `AllArticles=1`; internal ones are among them. A field of an unexpected type counts as
/// missing, so an article whose visibility cannot be read is hidden.
struct OTOBOArticle: Decodable, Sendable {
    var articleID: WireInteger
    var isVisibleForCustomer: Lenient<WireInteger>?
    var senderType: Lenient<WireText>?
    var from: Lenient<WireText>?
    var subject: Lenient<WireText>?
    var body: Lenient<WireText>?
    var mimeType: Lenient<WireText>?
    var createTime: Lenient<WireText>?
    /// Only with `Attachments=1`, and where there are files.
    var attachments: Lenient<LenientList<OTOBOAttachment>>?
    /// The time of arrival in seconds since 1970, unlike all other times independent of the desk's zone.
    var incomingTime: Lenient<WireInteger>?

    private enum CodingKeys: String, CodingKey {
        case articleID = "ArticleID"
        case isVisibleForCustomer = "IsVisibleForCustomer"
        case senderType = "SenderType"
        case from = "From"
        case subject = "Subject"
        case body = "Body"
        case mimeType = "MimeType"
        case createTime = "CreateTime"
        case attachments = "Attachment"
        case incomingTime = "IncomingTime"
    }

    /// The article of the domain, or nil unless the desk says that the customer may see it.
    func article(times: DeskTimeFormat) -> TicketArticle? {
        guard isVisibleForCustomer?.value?.value == 1 else { return nil }
        let body = body?.value?.text ?? ""
        let isHTML = mimeType?.value?.text.lowercased().hasPrefix("text/html") ?? false
        return TicketArticle(
            articleID: articleID.value, sender: TicketArticle.Sender(senderType?.value?.text ?? ""),
            from: from?.value?.text ?? "", subject: subject?.value?.text ?? "",
            text: EditorFootnotes.removed(from: isHTML ? HTMLText.plainText(from: body) : body),
            createdAt: createTime?.value.flatMap { times.date(from: $0.text) },
            attachments: OTOBOAttachment.names(of: attachments?.value?.elements ?? []))
    }
}
