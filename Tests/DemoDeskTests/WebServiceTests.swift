import DemoDesk
import Foundation
import Testing

@Suite("The stand-in desk's web service")
struct WebServiceTests {
    @Test("A session dies two hours after it was made, however much it is used")
    func sessionLifetime() async throws {
        let clock = SettableClock(RecordedDesk.now)
        let desk = await RecordedDesk.make(now: { clock.now })
        let question = try Recording(named: "TicketGet.ok_min").question()
        for minutes in [0.0, 60, 119] {
            clock.set(RecordedDesk.now.addingTimeInterval(minutes * 60))
            #expect(await errorCode(desk.answer(question)) == nil)
        }
        clock.set(RecordedDesk.now.addingTimeInterval(7_200))
        #expect(await errorCode(desk.answer(question)) == "TicketGet.AuthFail")
    }

    @Test("A session used from another address is gone for its owner too")
    func sessionAddress() async throws {
        let desk = await RecordedDesk.make()
        var question = try Recording(named: "TicketGet.ok_min").question()
        question.clientAddress = "127.0.0.2"
        #expect(await errorCode(desk.answer(question)) == "TicketGet.AuthFail")
        question.clientAddress = "127.0.0.1"
        #expect(await errorCode(desk.answer(question)) == "TicketGet.AuthFail")
    }

    @Test(
        "A search answers with at most 500 tickets unless a limit says otherwise",
        arguments: [
            ("", 500), ("&Limit=550", 550), ("&Limit=2000", 614), ("&Limit=3", 3),
        ])
    func searchLimit(_ parameter: String, _ count: Int) async throws {
        let desk = await RecordedDesk.make()
        for index in 0..<600 {
            await desk.create(NewDemoTicket(title: "Load \(index)", customerLogin: "kunde1"))
        }
        let path = "/otobo/nph-genericinterface.pl/Webservice/\(RecordedDesk.webService)/Ticket"
        let answer = await desk.answer(
            DeskQuestion(method: "GET", target: "\(path)?UserLogin=gi&Password=gipw\(parameter)"))
        guard case .array(let ids)? = DeskJSON(parsing: answer.body)?["TicketID"] else {
            Issue.record("no ids in the answer")
            return
        }
        #expect(ids.count == count)
    }

    @Test("Each change of a ticket is announced, with what the desk's invoker would post")
    func events() async throws {
        let events = EventLog()
        let desk = await RecordedDesk.make(onEvent: { events.append($0) })
        let first = await desk.create(NewDemoTicket(title: "A", customerLogin: "kunde1")).number
        let second = await desk.create(NewDemoTicket(title: "B", customerLogin: "kunde1")).number
        try await desk.addArticle(NewDemoArticle(from: "agent", subject: "Re", body: "Text"), to: first)
        try await desk.close(first)
        try await desk.reopen(first)
        try await desk.setCustomer(first, login: "kunde2", customerID: "ACME")
        try await desk.merge(first, into: second)
        try await desk.delete(second)
        #expect(
            events.all.map(\.name) == [
                .ticketCreate, .ticketCreate, .articleCreate, .ticketStateUpdate, .ticketStateUpdate,
                .ticketCustomerUpdate, .articleCreate, .ticketMerge, .ticketDelete,
            ])
        // At a merge, the articles move, and the desk itself writes one into the ticket that ends.
        let merged = try #require(await desk.ticket(first))
        #expect(merged.articles.map(\.sender) == [.agent] && merged.articles.allSatisfy(\.isVisibleForCustomer))
        #expect(events.all.last { $0.name == .articleCreate }?.articleID == merged.articles.last?.articleID)
        #expect(
            events.all.first?.body
                == #"{"Event":"TicketCreate","Ticket":{"TicketID":15,"TicketNumber":"2026112510000015"}}"#)
    }

    private func errorCode(_ answer: DeskAnswer) -> String? {
        DeskJSON(parsing: answer.body)?["Error"]?["ErrorCode"]?.scalar
    }
}
