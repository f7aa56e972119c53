import DemoDesk
import Foundation

/// A stand-in desk with the people, tickets and sessions that the recorded one had.
enum RecordedDesk {
    static let webService = "GenericTicketConnectorREST"
    /// The time of the recordings.
    static let now = Date(timeIntervalSince1970: 1_795_571_398)

    static func make(
        now: @escaping @Sendable () -> Date = { RecordedDesk.now },
        onEvent: @escaping @Sendable (DemoDeskEvent) -> Void = { _ in }
    ) async -> DemoDeskState {
        let desk = DemoDeskState(
            configuration: DemoDeskConfiguration(
                webService: webService,
                agents: [
                    .init(login: "gi", password: "gipw"), .init(login: "ro", password: "ropw", permission: .readOnly),
                    .init(login: "noperm", password: "nopermpw", permission: .none),
                ],
                customers: [.init(login: "kunde2", customerID: "ACME", password: "kundepw")],
                dynamicFields: [
                    "OTAColors", "OTADepartment", "OTADue", "OTAFlag", "ProcessManagementActivityID",
                    "ProcessManagementProcessID",
                ],
                now: now, onEvent: onEvent))
        for ticket in tickets { await desk.seed(ticket) }
        for key in ["G1sXu1psTcHHOhIgUkoebCvam4G5FYkK", "4hDqx0DVNdGAvLZoiyvFSZVED4RK5h73", agentOfSweeps] {
            await desk.seedSession(key, agent: "gi")
        }
        for key in ["VpcNtlethGlRByDV5MazmGJUZjyZ9uzY", "71ueUM8KjhazwQlN2G7hVeQ0yEbzWFsc"] {
            await desk.seedSession(key, agent: "ro")
        }
        await desk.seedSession("hB3N8PVhFm9ygtyDAioL4dxJI9Idgxla", agent: "noperm")
        await desk.seedSession("h3SuxbCt8zwPAVA4gxmHc1SAsWeadh9z", customer: "kunde2")
        return desk
    }

    private static let agentOfSweeps = "SEQkTlvnZ496oDuNECSzI4W110304PZl"

    private static var tickets: [DemoTicket] {
        let umlauts = "Offenes Ticket mit Umlauten: äöüß ÄÖÜ € – “Grüße”"
        var tickets = [
            ticket(1, "2015071510123456", "Welcome to OTOBO!", .new, customerID: "other", login: "nobody"),
            ticket(2, "2026112510000017", "Neues Ticket", .new),
            ticket(3, "2026112510000026", umlauts, .open),
            ticket(4, "2026112510000035", "Pending reminder ticket", .pendingReminder),
            ticket(5, "2026112510000044", "Pending auto ticket", .pendingAutoClose),
            ticket(6, "2026112510000053", "Closed successful ticket", .closedSuccessful),
            ticket(7, "2026112510000062", "Closed unsuccessful ticket", .closedUnsuccessful),
            ticket(8, "2026112510000071", "Merged ticket", .merged),
            ticket(9, "2026112510000081", "Removed ticket", .removed),
            ticket(10, "2026112510000099", "Merge 1", .open),
            ticket(11, "2026112510000106", "Merge 2", .merged),
            ticket(12, "2026112510000115", "Other customer", .open, customerID: "OTHER", login: "kunde3"),
            ticket(13, "2026112510000124", "Another one", .open, login: "kunde2"),
            ticket(14, "2026112510000133", "Neuer Titel ß", .open, login: "kunde2"),
        ]
        tickets[2].dynamicFields = [
            "OTAColors": .array(["red", "green"]), "OTADepartment": "Fügetechnik", "OTADue": "2026-12-24 18:00:00",
            "OTAFlag": 1,
        ]
        tickets[2].articles = [
            article(4, .customer, visible: true, "Guten Tag"), article(5, .agent, visible: false, "Nur intern"),
        ]
        let merge = "%%2026112510000106%%11%%2026112510000099%%10"
        tickets[10].history.append(
            DemoHistoryEntry(kind: .merged, name: merge, articleID: 0, state: .open, created: now))
        return tickets
    }

    private static func ticket(
        _ id: Int64, _ number: String, _ title: String, _ state: DemoState, customerID: String = "ACME",
        login: String = "kunde1"
    ) -> DemoTicket {
        let created = now.addingTimeInterval(Double(id) - 200)
        let entry = DemoHistoryEntry(
            kind: .newTicket, name: "%%\(number)%%Raw%%3 normal%%new%%\(id)", articleID: 0, state: .new,
            created: created)
        return DemoTicket(
            ticketID: id, number: number, title: title, queue: "Raw", state: state, customerLogin: login,
            customerID: customerID, owner: "root@localhost", created: created, changed: created,
            closed: state.type == "closed" ? created : nil,
            pendingUntil: state.type.hasPrefix("pending") ? now.addingTimeInterval(86_400) : nil, history: [entry])
    }

    private static func article(
        _ id: Int64, _ sender: DemoArticle.Sender, visible: Bool, _ body: String
    ) -> DemoArticle {
        DemoArticle(
            articleID: id, sender: sender, isVisibleForCustomer: visible, from: "x@kunde.example", to: "Raw",
            subject: "Betreff", body: body, mimeType: "text/plain", created: now)
    }
}
