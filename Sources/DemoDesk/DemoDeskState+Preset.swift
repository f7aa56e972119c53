import Foundation

extension DemoDeskState {
    /// Makes the ticket that every desk is installed with: it is made on the day of the installation, and its article says that it arrived
    /// in 2015.
    @discardableResult
    public func createWelcomeTicket() throws -> DemoTicket? {
        let made = create(
            NewDemoTicket(
                title: "Welcome to OTOBO!", customerLogin: "",
                article: NewDemoArticle(
                    sender: .customer, from: "OTOBO Team <hello@otobo.example>", subject: "Welcome to OTOBO!",
                    body: "Welcome!")))
        try change(made.number, announcing: nil) { ticket in
            for index in ticket.articles.indices {
                ticket.articles[index].arrived = Date(timeIntervalSince1970: 1_436_949_030)
            }
        }
        return ticket(made.number)
    }

    /// Sets a dynamic field of a ticket, as an agent would at the desk.
    public func mark(_ number: String, _ field: String, _ value: String) throws {
        try change(number, announcing: nil) { $0.dynamicFields[field] = .text(value) }
    }
}
