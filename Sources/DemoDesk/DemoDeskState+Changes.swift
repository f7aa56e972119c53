import Foundation

/// A ticket to be made.
public struct NewDemoTicket: Sendable {
    public var title: String
    public var queue: String
    public var state: DemoState
    public var customerLogin: String
    public var customerID: String
    public var owner: String
    /// The first article, if there is to be one.
    public var article: NewDemoArticle?

    public init(
        title: String, queue: String = "Raw", state: DemoState = .new, customerLogin: String, customerID: String = "",
        owner: String = "root@localhost", article: NewDemoArticle? = nil
    ) {
        self.title = title
        self.queue = queue
        self.state = state
        self.customerLogin = customerLogin
        self.customerID = customerID
        self.owner = owner
        self.article = article
    }
}

/// An article to be added.
public struct NewDemoArticle: Sendable {
    public var sender: DemoArticle.Sender
    public var isVisibleForCustomer: Bool
    public var from: String
    public var to: String
    public var subject: String
    public var body: String
    public var mimeType: String
    /// Of an article that comes as a mail.
    public var mail: DemoMailFields?
    public var attachments: [DemoAttachment]

    public init(
        sender: DemoArticle.Sender = .agent, isVisibleForCustomer: Bool = true, from: String, to: String = "",
        subject: String, body: String, mimeType: String = "text/plain", mail: DemoMailFields? = nil,
        attachments: [DemoAttachment] = []
    ) {
        self.sender = sender
        self.isVisibleForCustomer = isVisibleForCustomer
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.mimeType = mimeType
        self.mail = mail
        self.attachments = attachments
    }
}

extension DemoDeskState {
    /// Makes a ticket and answers it. Its number is the day, a 1 and its id in seven digits.
    @discardableResult
    public func create(_ new: NewDemoTicket) -> DemoTicket {
        let id = nextTicketID()
        let digits = String(id)
        let number = wallClock.day(now) + "1" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        var ticket = DemoTicket(
            ticketID: id, number: number, title: new.title, queue: new.queue, state: new.state,
            customerLogin: new.customerLogin, customerID: new.customerID, owner: new.owner, created: now, changed: now,
            closed: new.state.type == "closed" ? now : nil)
        ticket.note(.newTicket, "%%\(number)%%\(new.queue)%%3 normal%%\(new.state.rawValue)%%\(id)", at: now)
        ticket.note(.customerUpdate, "%%CustomerID=\(new.customerID);CustomerUser=\(new.customerLogin);", at: now)
        if let article = new.article { append(article, to: &ticket) }
        tickets[id] = ticket
        announce(.ticketCreate, of: ticket)
        return ticket
    }

    /// Closes a ticket, at the given time instead of now if there is one.
    public func close(_ number: String, at time: Date? = nil, state: DemoState = .closedSuccessful) throws {
        try change(number, announcing: .ticketStateUpdate) { ticket in
            ticket.setState(state, at: time ?? now)
        }
    }

    /// Opens a ticket again; the desk keeps the time of its last close.
    public func reopen(_ number: String) throws {
        try change(number, announcing: .ticketStateUpdate) { $0.setState(.open, at: now) }
    }

    /// Puts a ticket into the state `removed`; it stays visible.
    public func remove(_ number: String) throws {
        try change(number, announcing: .ticketStateUpdate) { $0.setState(.removed, at: now) }
    }

    /// Puts a ticket into any state.
    public func setState(_ number: String, _ state: DemoState) throws {
        try change(number, announcing: .ticketStateUpdate) { $0.setState(state, at: now) }
    }

    /// Merges the first ticket into the second: its articles move there, and one that says so takes their place, by an agent and for
    /// the customer to see.
    public func merge(_ number: String, into target: String) throws {
        guard var main = ticket(target) else { throw DemoDeskError.noSuchTicket(target) }
        let merged = try change(number, announcing: nil) { ticket in
            main.articles += ticket.articles
            ticket.articles = []
            append(
                NewDemoArticle(
                    from: "Demo desk", subject: "Moved to another ticket",
                    body: "This ticket goes on as ticket \(main.number)."), to: &ticket)
            let name = "%%\(ticket.number)%%\(ticket.ticketID)%%\(main.number)%%\(main.ticketID)"
            ticket.note(.merged, name, at: now)
            ticket.note(.ticketLinkAdd, "%%\(main.number)%%\(main.ticketID)%%\(ticket.ticketID)", at: now)
            ticket.setState(.merged, at: now)
            main.note(.merged, name, at: now)
            return ticket
        }
        tickets[main.ticketID] = main
        announce(.articleCreate, of: merged)
        announce(.ticketMerge, of: merged)
    }

    /// Deletes a ticket for good.
    public func delete(_ number: String) throws {
        guard let ticket = ticket(number) else { throw DemoDeskError.noSuchTicket(number) }
        tickets[ticket.ticketID] = nil
        announce(.ticketDelete, of: ticket)
    }

    /// Takes the agents' permission on a ticket away, or gives it back. The desk has no event for that.
    public func hide(_ number: String, _ isHidden: Bool = true) throws {
        try change(number, announcing: nil) { $0.isHidden = isHidden }
    }

    /// Archives a ticket, or brings it back. The desk's event for that is none that the web service posts.
    public func archive(_ number: String, _ isArchived: Bool = true) throws {
        try change(number, announcing: nil) { $0.isArchived = isArchived }
    }

    /// Gives a ticket to another customer user.
    public func setCustomer(_ number: String, login: String, customerID: String) throws {
        try change(number, announcing: .ticketCustomerUpdate) { ticket in
            ticket.setCustomer(login: login, customerID: customerID, at: now)
        }
    }

    /// Sets the time of the last close of a ticket, whatever its state.
    public func setClosed(_ number: String, at time: Date) throws {
        try change(number, announcing: .ticketStateUpdate) { $0.closed = time }
    }

    /// Adds an article and answers its id.
    @discardableResult
    public func addArticle(_ article: NewDemoArticle, to number: String) throws -> Int64 {
        try change(number, announcing: .articleCreate) { append(article, to: &$0) }
    }

    @discardableResult
    func append(_ article: NewDemoArticle, to ticket: inout DemoTicket) -> Int64 {
        let id = nextArticleID()
        ticket.articles.append(
            DemoArticle(
                articleID: id, sender: article.sender, isVisibleForCustomer: article.isVisibleForCustomer,
                from: article.from, to: article.to, subject: article.subject, body: article.body,
                mimeType: article.mimeType, created: now, mail: article.mail, attachments: article.attachments))
        let kind: DemoHistoryEntry.Kind = article.sender == .customer ? .emailCustomer : .addNote
        ticket.note(kind, "%%\(article.subject)", articleID: id, at: now)
        return id
    }

    func change<Result>(
        _ number: String, announcing event: DemoDeskEvent.Name?, _ body: (inout DemoTicket) throws -> Result
    ) throws -> Result {
        guard var ticket = ticket(number) else { throw DemoDeskError.noSuchTicket(number) }
        let result = try body(&ticket)
        ticket.changed = now
        tickets[ticket.ticketID] = ticket
        if let event { announce(event, of: ticket) }
        return result
    }
}

extension DemoTicket {
    mutating func note(_ kind: DemoHistoryEntry.Kind, _ name: String, articleID: Int64 = 0, at time: Date) {
        history.append(
            DemoHistoryEntry(kind: kind, name: name, articleID: articleID, state: state, created: time))
    }

    mutating func setState(_ new: DemoState, at time: Date) {
        let name = "%%\(state.rawValue)%%\(new.rawValue)%%"
        state = new
        if new.type == "closed" { closed = time }
        note(.stateUpdate, name, at: time)
    }

    mutating func setCustomer(login: String, customerID: String, at time: Date) {
        customerLogin = login
        self.customerID = customerID
        note(.customerUpdate, "%%CustomerID=\(customerID);CustomerUser=\(login);", at: time)
    }
}
