/// The answer of `TicketSearch`: ids, newest first; an empty object when there is none.
struct OTOBOSearchResult: Decodable, Sendable {
    var ids: [Int64]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ids = try container.decodeIfPresent([WireInteger].self, forKey: .ids)?.map(\.value) ?? []
    }

    private enum CodingKeys: String, CodingKey {
        case ids = "TicketID"
    }
}

/// The answer of `SessionCreate`.
struct OTOBOSessionAnswer: Decodable, Sendable {
    var sessionID: WireText

    private enum CodingKeys: String, CodingKey {
        case sessionID = "SessionID"
    }
}
