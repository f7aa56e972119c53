import Foundation

/// An article as `TicketGet` sends it with `AllArticles=1`; internal ones are among them.
struct OTOBOArticle: Decodable, Sendable {
    var articleID: WireInteger
    var isVisibleForCustomer: WireInteger?
    var senderType: WireText?
    var from: WireText?
    var subject: WireText?
    var body: WireText?
    var mimeType: WireText?
    var createTime: WireText?
    /// The time of arrival in seconds since 1970, unlike all other times independent of the desk's zone.
    var incomingTime: WireInteger?

    private enum CodingKeys: String, CodingKey {
        case articleID = "ArticleID"
        case isVisibleForCustomer = "IsVisibleForCustomer"
        case senderType = "SenderType"
        case from = "From"
        case subject = "Subject"
        case body = "Body"
        case mimeType = "MimeType"
        case createTime = "CreateTime"
        case incomingTime = "IncomingTime"
    }

    /// The article of the domain, or nil unless the desk says that the customer may see it.
    func article(times: DeskTimeFormat) -> TicketArticle? {
        guard isVisibleForCustomer?.value == 1 else { return nil }
        let body = body?.text ?? ""
        let isHTML = mimeType?.text.lowercased().hasPrefix("text/html") ?? false
        return TicketArticle(
            articleID: articleID.value, sender: TicketArticle.Sender(senderType?.text ?? ""), from: from?.text ?? "",
            subject: subject?.text ?? "", text: isHTML ? HTMLText.plainText(from: body) : body,
            createdAt: createTime.flatMap { times.date(from: $0.text) })
    }
}
