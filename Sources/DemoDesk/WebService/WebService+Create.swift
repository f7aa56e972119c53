import Foundation

extension DemoDeskState {
    func createTicket(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let operation = DeskOperation.ticketCreate
        try requireCredentials(input, for: operation)
        let caller = try authenticate(input, for: operation)
        let fields = try object("Ticket", in: input, for: operation)
        let articleFields = try object("Article", in: input, for: operation)
        let title = try required("Title", of: "Ticket", fields, for: operation)
        let customer = try required("CustomerUser", of: "Ticket", fields, for: operation)
        guard let queue = fields["Queue"]?.scalar, configuration.queues.contains(queue) else {
            throw OperationFailure(
                operation, "InvalidParameter", "Ticket->QueueID or Ticket->Queue parameter is invalid!")
        }
        let state = try state(fields, for: operation)
        let article = try article(articleFields, for: operation)
        let dynamicFields = try dynamicFields(input, for: operation)
        if case .agent = caller, permission(of: caller) != .full {
            throw OperationFailure(operation, "AccessDenied", "Can not create tickets in given Queue or QueueID!")
        }
        let customerID = configuration.customers.first { $0.login == customer }?.customerID
        var ticket = create(
            NewDemoTicket(
                title: title, queue: queue, state: state ?? .new, customerLogin: customer, customerID: customerID ?? "",
                article: article))
        ticket.dynamicFields = dynamicFields
        if state?.isPending == true { ticket.pendingUntil = pendingTime(fields) }
        tickets[ticket.ticketID] = ticket
        // All three are texts here, other than in the answer of an update.
        return [
            "TicketID": .text(String(ticket.ticketID)), "TicketNumber": .text(ticket.number),
            "ArticleID": .text(String(ticket.articles.last?.articleID ?? 0)),
        ]
    }

    /// Calls that change something ask for credentials in other words than those that read.
    func requireCredentials(_ input: OperationInput, for operation: DeskOperation) throws(OperationFailure) {
        guard ["SessionID", "UserLogin", "CustomerUserLogin"].contains(where: { input.text($0) != nil }) else {
            throw OperationFailure(
                operation, "MissingParameter", "UserLogin, CustomerUserLogin or SessionID is required!")
        }
    }

    private func object(
        _ name: String, in input: OperationInput, for operation: DeskOperation
    ) throws(OperationFailure) -> DeskJSON {
        guard let value = input[name], case .object = value else {
            throw OperationFailure(operation, "MissingParameter", "\(name) parameter is missing or not valid!")
        }
        return value
    }

    private func required(
        _ name: String, of parent: String, _ fields: DeskJSON, for operation: DeskOperation
    ) throws(OperationFailure) -> String {
        guard let text = fields[name]?.scalar, !text.isEmpty else {
            throw OperationFailure(operation, "MissingParameter", "\(parent)->\(name) parameter is missing!")
        }
        return text
    }

    /// The state that the fields name, or nil when they name none.
    func state(_ fields: DeskJSON, for operation: DeskOperation) throws(OperationFailure) -> DemoState? {
        guard let name = fields["State"]?.scalar else { return nil }
        guard let state = DemoState(rawValue: name) else {
            throw OperationFailure(
                operation, "InvalidParameter", "Ticket->StateID or Ticket->State parameter is invalid!")
        }
        return state
    }

    func article(_ fields: DeskJSON, for operation: DeskOperation) throws(OperationFailure) -> NewDemoArticle {
        let subject = try required("Subject", of: "Article", fields, for: operation)
        let body = try required("Body", of: "Article", fields, for: operation)
        let contentType = fields["ContentType"]?.scalar ?? "text/plain"
        return NewDemoArticle(
            sender: fields["SenderType"]?.scalar.flatMap(DemoArticle.Sender.init) ?? .agent,
            isVisibleForCustomer: fields["IsVisibleForCustomer"]?.scalar == "1", from: fields["From"]?.scalar ?? "",
            to: fields["To"]?.scalar ?? "", subject: subject, body: body,
            mimeType: String(contentType.prefix { $0 != ";" }))
    }

    /// One dynamic field, or several in an array.
    func dynamicFields(
        _ input: OperationInput, for operation: DeskOperation
    ) throws(OperationFailure) -> [String: DeskJSON] {
        var values: [String: DeskJSON] = [:]
        for field in input["DynamicField"]?.elements ?? [] {
            guard let name = field["Name"]?.scalar, configuration.dynamicFields.contains(name) else {
                throw OperationFailure(operation, "InvalidParameter", "DynamicField->Name parameter is invalid!")
            }
            values[name] = field["Value"] ?? .null
        }
        return values
    }

    func pendingTime(_ fields: DeskJSON) -> Date? {
        let pending = fields["PendingTime"]
        if let seconds = pending?["Diff"]?.scalar.flatMap(Double.init) { return now.addingTimeInterval(seconds * 60) }
        let parts = ["Year", "Month", "Day", "Hour", "Minute"].compactMap { pending?[$0]?.scalar.flatMap(Int.init) }
        guard parts.count == 5 else { return nil }
        func padded(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let digits = parts.map(padded)
        return wallClock.date("\(digits[0])-\(digits[1])-\(digits[2]) \(digits[3]):\(digits[4]):00")
    }
}
