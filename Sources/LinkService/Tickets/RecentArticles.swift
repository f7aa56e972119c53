import TicketSystem

/// The articles of the tickets that were shown last, for some seconds: a page that is loaded again and again costs the desk one call.
///
/// Who may see a ticket is decided before, at each request. What goes wrong is not kept.
actor RecentArticles {
    typealias Read = @Sendable (_ ticketID: Int64) async throws -> [TicketArticle]

    private struct Kept {
        let articles: [TicketArticle]
        let size: Int
        let until: ContinuousClock.Instant
    }

    /// How long they are kept, and how much, in bytes of text.
    private static let lifetime = Duration.seconds(5)
    private static let capacity = 16 << 20

    private let read: Read
    private let now: @Sendable () -> ContinuousClock.Instant
    private var kept: [Int64: Kept] = [:]
    private var size = 0
    private var underWay: [Int64: Task<[TicketArticle], any Error>] = [:]

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, read: @escaping Read) {
        self.now = now
        self.read = read
    }

    /// The articles of a ticket, oldest first. Requests that come while they are read share the reading and its failure.
    func callAsFunction(_ ticketID: Int64) async throws -> [TicketArticle] {
        if let found = kept[ticketID], now() < found.until { return found.articles }
        if let reading = underWay[ticketID] { return try await reading.value }
        let read = read
        // A task of its own: the others still need it if the browser that came first goes away.
        let reading = Task { try await read(ticketID) }
        underWay[ticketID] = reading
        defer { underWay[ticketID] = nil }
        let articles = try await reading.value
        keep(articles, of: ticketID)
        return articles
    }

    private func keep(_ articles: [TicketArticle], of ticketID: Int64) {
        let now = now()
        remove { $0.value.until <= now || $0.key == ticketID }
        let length = articles.reduce(0) { length, article in
            let texts = [article.text, article.subject, article.from] + article.attachments
            return texts.reduce(length + 200) { $0 + $1.utf8.count + 20 }
        }
        guard size + length <= Self.capacity else { return }
        kept[ticketID] = Kept(articles: articles, size: length, until: now + Self.lifetime)
        size += length
    }

    private func remove(where isUnwanted: ((key: Int64, value: Kept)) -> Bool) {
        for entry in kept where isUnwanted(entry) {
            kept[entry.key] = nil
            size -= entry.value.size
        }
    }
}
