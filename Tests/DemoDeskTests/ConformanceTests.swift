import DemoDesk
import Testing

@Suite("The stand-in desk against the recordings of a real one")
struct ConformanceTests {
    @Test("There are enough recordings to compare with")
    func count() {
        #expect(RecordedNames.all.count >= 60)
    }

    @Test("A recorded request is answered alike", arguments: RecordedNames.all)
    func answersAlike(_ name: String) async throws {
        let recording = try Recording(named: name)
        let answer = await RecordedDesk.make().answer(try recording.question())
        #expect(answer.status == recording.response.status)
        #expect(answer.contentType == recording.response.contentType)
        guard let recorded = recording.response.json, recorded != .null else {
            // Plain text and empty bodies are compared to the letter.
            #expect(String(decoding: answer.body, as: UTF8.self) == recording.response.body)
            return
        }
        let answered = try #require(DeskJSON(parsing: answer.body))
        if recorded["Error"] != nil {
            #expect(answered == recorded)
        } else {
            #expect(Shape(answered).difference(from: Shape(recorded)) == [])
        }
    }

    /// Searches whose result does not depend on tickets that were made later.
    static let searches = RecordedNames.all.filter { name in
        name.hasPrefix("TicketSearch.")
            && ![
                "all", "by_number_empty", "by_number_pct_wildcard", "limit", "statetype_Open", "states",
                "changed_newer",
                "dynamicfield", "dynamicfield_plain", "customer", "by_number_wildcard",
            ].contains(name.dropFirst(13))
    }

    @Test("A recorded search finds the same tickets", arguments: searches)
    func findsTheSame(_ name: String) async throws {
        let recording = try Recording(named: name)
        let answer = await RecordedDesk.make().answer(try recording.question())
        let answered = try #require(DeskJSON(parsing: answer.body))
        #expect(ids(in: answered) == ids(in: try #require(recording.response.json)))
    }

    @Test(
        "A recorded list has the same tickets in the same order",
        arguments: [
            "TicketGet.list_path", "TicketGet.list_dup", "TicketGet.list_order", "TicketGet.list_path_pct",
            "TicketGetList.list_comma", "TicketGet.repeated_param_in_path_route",
        ])
    func listsTheSame(_ name: String) async throws {
        let recording = try Recording(named: name)
        let answer = await RecordedDesk.make().answer(try recording.question())
        let answered = try #require(DeskJSON(parsing: answer.body))
        let recorded = try #require(recording.response.json)
        #expect(numbers(in: answered) == numbers(in: recorded))
        #expect(!numbers(in: recorded).isEmpty)
    }

    private func ids(in answer: DeskJSON) -> Set<String> {
        guard case .array(let ids)? = answer["TicketID"] else { return [] }
        return Set(ids.compactMap(\.scalar))
    }

    private func numbers(in answer: DeskJSON) -> [String] {
        guard case .array(let tickets)? = answer["Ticket"] else { return [] }
        return tickets.compactMap { $0["TicketNumber"]?.scalar }
    }
}
