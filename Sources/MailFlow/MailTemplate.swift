/// The text of a stored notification, plain text, in which the tag stands for the customer's link.
public struct MailTemplate: Sendable, Hashable {
    /// The names by which the OTOBO family knows the tag.
    public static let tags = ["<OTOBO_OTACustomerTicketLink>", "<OTRS_OTACustomerTicketLink>"]

    public var subject: String
    public var body: String

    public init(subject: String, body: String) {
        self.subject = subject
        self.body = body
    }

    /// The template with the link in place of every tag. A subject is read by whoever looks over a shoulder, so there
    /// the tag only goes away.
    func filled(link: String) -> MailTemplate {
        let subject = replacingTags(in: subject, with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return MailTemplate(subject: subject, body: replacingTags(in: body, with: link))
    }

    private func replacingTags(in text: String, with replacement: String) -> String {
        Self.tags.reduce(text) { $0.replacing($1, with: replacement) }
    }
}
