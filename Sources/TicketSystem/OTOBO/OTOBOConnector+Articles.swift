extension OTOBOConnector {
    public func articles(ofTicket id: Int64) async throws -> [TicketArticle] {
        guard id > 0 else { throw OTOBOOperation.ticketGet.error(.invisible) }
        return try await wireTicket(id, parameters: [("AllArticles", "1")]).articles?
            .compactMap { $0.article(times: times) } ?? []
    }

    /// Reads one ticket as the desk sends it.
    func wireTicket(_ id: Int64, parameters: [(name: String, value: String)]) async throws -> OTOBOTicket {
        let operation = OTOBOOperation.ticketGet
        do {
            let answer = try await call(
                operation, path: "/Ticket/\(id)", parameters: parameters, as: OTOBOTicketList.self)
            guard let ticket = answer.tickets.first, answer.tickets.count == 1, ticket.ticketID.value == id else {
                throw operation.error(.badAnswer(.otherTicket))
            }
            return ticket
        } catch let error as TicketSystemError where error.kind == .refused(errorCode: operation.accessDenied) {
            throw operation.error(.invisible)
        }
    }
}
