import OneTimeLinks

/// What the desk's invoker posts; numbers come as numbers or as texts, at the top or within `Ticket` and `Article`.
struct DeskEvent: Decodable {
    let hint: DeskEventHint

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        let ticket = try? object.nestedContainer(keyedBy: Key.self, forKey: .ticket)
        guard let ticketID = Self.id(.ticketID, in: [ticket, object]) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no TicketID"))
        }
        let name = [object, ticket].compactMap { try? $0?.decode(String.self, forKey: .event) }.first
        hint = DeskEventHint(
            ticketID: ticketID, event: name.flatMap(NotificationEvent.init(deskName:)),
            articleID: Self.id(.articleID, in: [object, ticket] + [object, ticket].map(Self.article)),
            isDeletion: name == Self.deletion)
    }

    /// What the family calls it.
    private static let deletion = "TicketDelete"

    private typealias Container = KeyedDecodingContainer<Key>

    /// The article within an object; of a list the last one.
    private static func article(in container: Container?) -> Container? {
        guard let container else { return nil }
        if let article = try? container.nestedContainer(keyedBy: Key.self, forKey: .article) { return article }
        guard var list = try? container.nestedUnkeyedContainer(forKey: .article) else { return nil }
        var last: Container?
        while !list.isAtEnd, let article = try? list.nestedContainer(keyedBy: Key.self) { last = article }
        return last
    }

    private static func id(_ key: Key, in containers: [Container?]) -> Int64? {
        containers.compactMap(\.self).lazy.compactMap { container in
            (try? container.decode(Int64.self, forKey: key))
                ?? (try? container.decode(String.self, forKey: key)).flatMap { text in
                    Int64(text).flatMap { "\($0)" == text ? $0 : nil }
                }
        }.first { (1..<1_000_000_000_000_000_000).contains($0) }
    }

    private enum Key: String, CodingKey {
        case event = "Event"
        case ticket = "Ticket"
        case ticketID = "TicketID"
        case article = "Article"
        case articleID = "ArticleID"
    }
}
