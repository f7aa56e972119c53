import Foundation

extension DemoDeskState {
    func getTickets(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let operation = DeskOperation.ticketGet
        let caller = try authenticate(input, for: operation)
        let ids = input.ticketIDs
        guard !ids.isEmpty, ids != ["0"] else {
            throw OperationFailure(operation, "MissingParameter", "TicketID parameter is missing!")
        }
        let tickets = try visible(ids, to: caller, for: operation) { _ in "User does not have access to the ticket!" }
        return ["Ticket": .array(tickets.map { wire($0, input, caller) })]
    }

    func getHistories(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let operation = DeskOperation.ticketHistoryGet
        let caller = try authenticate(input, for: operation)
        guard case .agent = caller else {
            throw OperationFailure(operation, "AuthFail", "User needs to an Agent!")
        }
        let tickets = try visible(input.ticketIDs, to: caller, for: operation) { id in
            "User does not have access to the ticket \(id)!"
        }
        return ["TicketHistory": .array(tickets.map(wireHistory))]
    }

    /// The tickets of the list in its order. One that is unknown or forbidden fails the whole list.
    func visible(
        _ ids: [String], to caller: DemoCaller, for operation: DeskOperation, denial: (String) -> String
    ) throws(OperationFailure) -> [DemoTicket] {
        var found: [DemoTicket] = []
        for id in ids {
            guard let ticket = Int64(id).flatMap({ tickets[$0] }), canRead(ticket, caller) else {
                throw OperationFailure(operation, "AccessDenied", denial(id))
            }
            found.append(ticket)
        }
        return found
    }

    private func wire(_ ticket: DemoTicket, _ input: OperationInput, _ caller: DemoCaller) -> DeskJSON {
        var members = wireBasics(ticket)
        if input.text("Extended") != nil, let closed = ticket.closed,
            !["merged", "removed"].contains(ticket.state.type)
        {
            members["Closed"] = .text(wallClock.text(closed))
            members["SolutionInMin"] = 0
        }
        if input.text("DynamicFields") != nil {
            members["DynamicField"] = .array(
                configuration.dynamicFields.map { ["Name": .text($0), "Value": ticket.dynamicFields[$0] ?? .null] })
        }
        if input.text("AllArticles") != nil {
            members["Article"] = .array(
                articles(of: ticket, input, caller).map { wire($0.element, $0.offset + 1, ticket, input) })
        }
        return .object(members)
    }

    /// The forty fields that every ticket has. Ids are numbers here, except those that are unset, which are empty texts.
    private func wireBasics(_ ticket: DemoTicket) -> [String: DeskJSON] {
        let pending = ticket.pendingUntil.map { Int64($0.timeIntervalSince1970) } ?? 0
        let untilPending = ticket.pendingUntil.map { Int64($0.timeIntervalSince(now)) } ?? 0
        let isPending = ticket.state.isPending
        return [
            "TicketID": .integer(ticket.ticketID), "TicketNumber": .text(ticket.number), "Title": .text(ticket.title),
            "Queue": .text(ticket.queue), "QueueID": .integer(queueID(ticket.queue)), "GroupID": 1,
            "State": .text(ticket.state.rawValue), "StateID": .integer(ticket.state.wireID),
            "StateType": .text(ticket.state.type), "Priority": .text(ticket.priority.rawValue),
            "PriorityID": .integer(ticket.priority.wireID), "Lock": "unlock", "LockID": 1, "Type": "Unclassified",
            "TypeID": 1, "CustomerID": .text(ticket.customerID), "CustomerUserID": .text(ticket.customerLogin),
            "Owner": .text(ticket.owner), "OwnerID": 1, "Responsible": "root@localhost", "ResponsibleID": 1,
            "CreateBy": 1, "ChangeBy": 1, "Created": .text(wallClock.text(ticket.created)),
            "Changed": .text(wallClock.text(ticket.changed)),
            "Age": .integer(Int64(now.timeIntervalSince(ticket.created))), "ArchiveFlag": "n", "ServiceID": "",
            "SLAID": "", "TimeUnit": 0, "UnlockTimeout": .integer(Int64(ticket.created.timeIntervalSince1970)),
            "UntilTime": .integer(isPending ? untilPending : 0),
            "RealTillTimeNotUsed": .integer(isPending ? pending : 0),
            "EscalationTime": 0, "EscalationResponseTime": 0, "EscalationUpdateTime": 0, "EscalationSolutionTime": 0,
        ]
    }

    private func queueID(_ queue: String) -> Int64 {
        Int64((configuration.queues.firstIndex(of: queue) ?? 0) + 1)
    }

    /// An agent gets internal articles too.
    private func articles(
        of ticket: DemoTicket, _ input: OperationInput, _ caller: DemoCaller
    ) -> [EnumeratedSequence<[DemoArticle]>.Element] {
        let senders = input.texts("ArticleSenderType")
        var articles = ticket.articles.enumerated().filter { _, article in
            if case .customer = caller, !article.isVisibleForCustomer { return false }
            return senders.isEmpty || senders.contains(article.sender.rawValue)
        }
        if input.text("ArticleOrder") == "DESC" { articles.reverse() }
        if let limit = input.text("ArticleLimit").flatMap(Int.init), limit > 0 {
            articles = Array(articles.prefix(limit))
        }
        return articles
    }

    private func wire(
        _ article: DemoArticle, _ number: Int, _ ticket: DemoTicket, _ input: OperationInput
    ) -> DeskJSON {
        let created = DeskJSON.text(wallClock.text(article.created))
        var members: [String: DeskJSON] = [
            "ArticleID": .integer(article.articleID), "ArticleNumber": .integer(Int64(number)),
            "TicketID": .integer(ticket.ticketID), "SenderType": .text(article.sender.rawValue),
            "SenderTypeID": .text(article.sender.wireID), "IsVisibleForCustomer": article.isVisibleForCustomer ? 1 : 0,
            "From": .text(article.from), "To": .text(article.to), "Cc": "", "Bcc": "", "ReplyTo": "",
            "InReplyTo": .text(article.mail?.inReplyTo ?? ""), "References": .text(article.mail?.references ?? ""),
            "MessageID": .text(article.mail?.messageID ?? ""), "Subject": .text(article.subject),
            "Body": .text(article.body),
            "MimeType": .text(article.mimeType), "ContentType": .text("\(article.mimeType); charset=utf-8"),
            "Charset": "utf-8", "ContentCharset": "utf-8", "CommunicationChannelID": .integer(channel(of: article)),
            "CreateTime": created, "ChangeTime": created, "CreateBy": 1, "ChangeBy": 1,
            "IncomingTime": .integer(Int64((article.arrived ?? article.created).timeIntervalSince1970)), "TimeUnit": 0,
        ]
        let files = input.text("Attachments") == "1" ? wireFiles(of: article, input) : []
        // An article without any has no such member.
        if !files.isEmpty { members["Attachment"] = .array(files) }
        return .object(members)
    }

    /// The text in HTML only if it is asked for, and contents unless they are not.
    private func wireFiles(of article: DemoArticle, _ input: OperationInput) -> [DeskJSON] {
        let hasContents = input.texts("GetAttachmentContents").first != "0"
        return article.attachments.enumerated().compactMap { index, file in
            guard !file.isHTMLBody || input.text("HTMLBodyAsAttachment") == "1" else { return nil }
            return [
                "FileID": .text(String(index + 1)), "Filename": .text(file.filename),
                "ContentType": .text(file.contentType), "ContentID": .text(file.contentID), "ContentAlternative": "",
                "Disposition": .text(file.disposition), "FilesizeRaw": .text(String(file.content.count)),
                "Content": .text(hasContents ? Data(file.content).base64EncodedString() : ""),
            ]
        }
    }

    /// A mail, a call, or a note.
    private func channel(of article: DemoArticle) -> Int64 {
        if article.mail != nil { return 1 }
        return article.sender == .agent ? 3 : 2
    }

    /// Here the ticket's id is a text.
    private func wireHistory(_ ticket: DemoTicket) -> DeskJSON {
        let id = DeskJSON.text(String(ticket.ticketID))
        let entries = ticket.history.map { entry -> DeskJSON in
            [
                "HistoryType": .text(entry.kind.rawValue), "HistoryTypeID": .integer(entry.kind.wireID),
                "Name": .text(entry.name), "TicketID": id, "ArticleID": .integer(entry.articleID),
                "StateID": .integer(entry.state.wireID), "QueueID": .integer(queueID(ticket.queue)),
                "PriorityID": .integer(ticket.priority.wireID), "OwnerID": 1, "TypeID": 1, "CreateBy": 1,
                "CreateTime": .text(wallClock.text(entry.created)),
            ]
        }
        return ["TicketID": id, "History": .array(entries)]
    }
}
