import OneTimeLinks

extension OTOBOConnector {
    public func search(ids: [Int64], stateTypes: [TicketStateType]) async throws -> Set<Int64> {
        let asked = Set(ids)
        let found = try await search("TicketID", values: asked.filter { $0 > 0 }.sorted().map(String.init), stateTypes)
        // A desk that does not know a parameter ignores it, and then finds what nobody asked for.
        guard found.isSubset(of: asked) else { throw OTOBOOperation.ticketSearch.error(.badAnswer(.unfiltered)) }
        return found
    }

    public func search(numbers: [TicketNumber], stateTypes: [TicketStateType]) async throws -> Set<Int64> {
        try await search("TicketNumber", values: Set(numbers).sorted().map(\.text), stateTypes)
    }

    /// Searches with a repeated parameter, in as many calls as the length of the URL demands. Of a desk with
    /// `Ticket::ArchiveSystem`, archived tickets too: a search passes over them unless told otherwise, and they would look deleted.
    private func search(
        _ parameter: String, values: [String], _ stateTypes: [TicketStateType]
    ) async throws -> Set<Int64> {
        let states = stateTypes.map(\.text).filter { !$0.isEmpty }
        // An empty value would mean no filter: nothing is in a state of a kind without a name.
        guard stateTypes.isEmpty || !states.isEmpty else { return [] }
        var found: Set<Int64> = []
        let length = parameter.utf8.count + 2 + (values.map(\.utf8.count).max() ?? 0)
        for batch in values.batches(ofAtMost: min(Self.valuesPerCall, Self.bytesPerCall / length)) {
            // One more than can be found, so that a search that ignored the filter shows.
            let parameters =
                batch.map { (name: parameter, value: $0) } + states.map { (name: "StateType", value: $0) }
                + [(name: "SearchInArchive", value: "AllTickets"), (name: "Limit", value: String(batch.count + 1))]
            let ids = try await call(
                .ticketSearch, path: "/Ticket", parameters: parameters, as: OTOBOSearchResult.self
            ).ids
            guard ids.count <= batch.count else { throw OTOBOOperation.ticketSearch.error(.badAnswer(.unfiltered)) }
            found.formUnion(ids)
        }
        return found
    }

    /// Below the 500 hits that a search of the desk is limited to by default.
    private static let valuesPerCall = 400
    /// Of parameters in one URL; the usual web servers accept request lines of 8,000 bytes.
    private static let bytesPerCall = 6_000
}
