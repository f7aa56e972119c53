import Foundation

extension DemoDeskState {
    func updateTicket(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let operation = DeskOperation.ticketUpdate
        try requireCredentials(input, for: operation)
        let caller = try authenticate(input, for: operation)
        guard let (ticket, wireID) = ticketToUpdate(input), canRead(ticket, caller) else {
            throw OperationFailure(operation, "AccessDenied", "User does not have access to the ticket!")
        }
        let fields = input["Ticket"] ?? .null
        if fields == .object([:]) {
            throw OperationFailure(operation, "InvalidParameter", "Ticket parameter is not valid!")
        }
        let state = try state(fields, for: operation)
        let dynamicFields = try dynamicFields(input, for: operation)
        let article: NewDemoArticle? =
            if let articleFields = input["Article"] { try self.article(articleFields, for: operation) } else { nil }
        let pendingUntil = pendingTime(fields)
        if state?.isPending == true, pendingUntil == nil {
            throw OperationFailure(
                operation, "MissingParameter", bareMessage: "Can't set a ticket on a pending state without pendig time!"
            )
        }
        if article != nil, permission(of: caller) != .full {
            throw OperationFailure(operation, "AccessDenied", "Does not have permissions to create new articles!")
        }
        if !dynamicFields.isEmpty, permission(of: caller) != .full {
            throw OperationFailure(operation, "AccessDenied", "Does not have permissions to update dynamic fields!")
        }
        let articleID = apply(
            TicketChanges(
                fields: fields, state: state, dynamicFields: dynamicFields, article: article, pendingUntil: pendingUntil
            ),
            to: ticket)
        var answer: [String: DeskJSON] = ["TicketID": wireID, "TicketNumber": .text(ticket.number)]
        if let articleID { answer["ArticleID"] = .integer(articleID) }
        return .object(answer)
    }

    /// A number in the body beats the id in the path. The id comes back as it was written, the number's as a number;
    /// of a list, the desk looks at the first.
    private func ticketToUpdate(_ input: OperationInput) -> (DemoTicket, DeskJSON)? {
        if let number = input.text("TicketNumber") {
            return ticket(number).map { ($0, .integer($0.ticketID)) }
        }
        guard let text = input.text("TicketID"), let id = Int64(text.prefix(while: \.isNumber)) else { return nil }
        return tickets[id].map { ($0, .text(text)) }
    }

    private struct TicketChanges {
        var fields: DeskJSON
        var state: DemoState?
        var dynamicFields: [String: DeskJSON]
        var article: NewDemoArticle?
        var pendingUntil: Date?
    }

    /// Makes the changes and answers the id of a new article.
    private func apply(_ changes: TicketChanges, to ticket: DemoTicket) -> Int64? {
        var ticket = ticket
        if let title = changes.fields["Title"]?.scalar {
            ticket.note(.titleUpdate, "%%\(ticket.title)%%\(title)", at: now)
            ticket.title = title
        }
        if let priority = changes.fields["Priority"]?.scalar.flatMap(DemoPriority.init) {
            ticket.note(.priorityUpdate, "%%\(ticket.priority.rawValue)%%\(priority.rawValue)", at: now)
            ticket.priority = priority
        }
        if let login = changes.fields["CustomerUser"]?.scalar {
            let customerID = configuration.customers.first { $0.login == login }?.customerID ?? ticket.customerID
            ticket.setCustomer(login: login, customerID: customerID, at: now)
        }
        for (name, value) in changes.dynamicFields where value.scalar != ticket.dynamicFields[name]?.scalar {
            ticket.note(.dynamicFieldUpdate, "%%FieldName%%\(name)%%Value%%\(value.scalar ?? "")%%OldValue%%", at: now)
            ticket.dynamicFields[name] = value
        }
        if let state = changes.state {
            ticket.setState(state, at: now)
            ticket.pendingUntil = state.isPending ? changes.pendingUntil : nil
        }
        let articleID = changes.article.map { append($0, to: &ticket) }
        ticket.changed = now
        tickets[ticket.ticketID] = ticket
        if changes.fields["CustomerUser"] != nil { announce(.ticketCustomerUpdate, of: ticket) }
        if changes.state != nil { announce(.ticketStateUpdate, of: ticket) }
        if articleID != nil { announce(.articleCreate, of: ticket) }
        return articleID
    }
}
