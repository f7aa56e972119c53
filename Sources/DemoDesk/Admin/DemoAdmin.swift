import Foundation

/// The admin side of the stand-in desk, under `/demo/`: whoever gives the demonstration plays the agents with it.
///
/// JSON in, JSON out; mistakes are answered with 400 or 404 and a sentence. No login: the desk listens on loopback.
struct DemoAdmin: Sendable {
    let state: DemoDeskState

    func answer(_ question: DeskQuestion) async -> DeskAnswer {
        let parts = question.path.split(separator: "/").dropFirst().map(DeskQuestion.unescaped)
        do {
            guard let answer = try await route(question, parts) else {
                return .json(["error": "No such thing. GET /demo/ lists what there is."], status: 404)
            }
            return answer
        } catch DemoDeskError.noSuchTicket(let number) {
            return .json(["error": .text(DemoDeskError.noSuchTicket(number).description)], status: 404)
        } catch {
            return .json(["error": .text(String(describing: error))], status: 400)
        }
    }

    private func route(_ question: DeskQuestion, _ parts: [String]) async throws -> DeskAnswer? {
        switch (question.method, parts.first, parts.count) {
        case ("GET", nil, _):
            return .text(Self.help)
        case ("POST", "mail", 1):
            return .json(["TicketNumber": .text(await state.receive(mail: question.body).number)])
        case ("GET", "tickets", 1):
            return .json(.array(await state.allTickets.map(summary)))
        case ("POST", "tickets", 1):
            return .json(summary(try await create(AdminInput(question))))
        case ("GET", "tickets", 2):
            return .json(summary(try await ticket(parts[1])))
        case ("DELETE", "tickets", 2):
            try await state.delete(parts[1])
            return .json([:])
        case ("POST", "tickets", 3):
            guard try await change(parts[1], by: parts[2], AdminInput(question)) else { return nil }
            return .json(summary(try await ticket(parts[1])))
        case ("POST", "faults", 1):
            await state.setFaults(try faults(AdminInput(question)))
            return .json([:])
        case ("GET", "requests", 1):
            return .json(.array(await state.requestLog.map(summary)))
        case ("DELETE", "requests", 1):
            await state.clearRequestLog()
            return .json([:])
        case ("DELETE", "sessions", 1):
            await state.endSessions()
            return .json([:])
        default:
            return nil
        }
    }

    private func ticket(_ number: String) async throws -> DemoTicket {
        guard let ticket = await state.ticket(number) else { throw DemoDeskError.noSuchTicket(number) }
        return ticket
    }

    private func create(_ input: AdminInput) async throws -> DemoTicket {
        let customer = try input.required("customer")
        let title = try input.required("title")
        return await state.create(
            NewDemoTicket(
                title: title, queue: input.text("queue") ?? "Raw", customerLogin: customer,
                customerID: input.text("customerID") ?? customer,
                article: NewDemoArticle(
                    sender: .customer, from: input.text("from") ?? customer, subject: title,
                    body: input.text("body") ?? title)))
    }

    /// Whether there is such a change.
    private func change(_ number: String, by act: String, _ input: AdminInput) async throws -> Bool {
        switch act {
        case "close": try await state.close(number, at: try await input.time(now: state.now))
        case "reopen": try await state.reopen(number)
        case "remove": try await state.remove(number)
        case "hide": try await state.hide(number, input.flag("hidden") ?? true)
        case "archive": try await state.archive(number, input.flag("archived") ?? true)
        case "merge": try await state.merge(number, into: input.required("into"))
        case "closed-at":
            guard let time = try await input.time(now: state.now) else {
                throw DemoDeskError.invalid("`at` or `secondsAgo` is needed.")
            }
            try await state.setClosed(number, at: time)
        case "customer":
            let login = try input.required("customer")
            try await state.setCustomer(number, login: login, customerID: input.text("customerID") ?? login)
        case "articles": try await state.addArticle(article(input), to: number)
        default: return false
        }
        return true
    }

    private func article(_ input: AdminInput) throws -> NewDemoArticle {
        NewDemoArticle(
            sender: input.text("sender").flatMap(DemoArticle.Sender.init) ?? .agent,
            isVisibleForCustomer: input.flag("visible") ?? true, from: input.text("from") ?? "Demo desk",
            subject: try input.required("subject"), body: try input.required("body"),
            mimeType: input.flag("html") == true ? "text/html" : "text/plain")
    }

    private func faults(_ input: AdminInput) throws -> DemoFaults {
        let kind = try input.text("kind").map { text in
            guard let kind = DemoFaults.Kind(rawValue: text) else {
                let kinds = DemoFaults.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw DemoDeskError.invalid("`kind` is one of \(kinds).")
            }
            return kind
        }
        return DemoFaults(
            delay: .milliseconds(input.integer("delayMilliseconds") ?? 0), kind: kind,
            remaining: kind == nil ? 0 : input.integer("next") ?? 1)
    }

    private func summary(_ ticket: DemoTicket) -> DeskJSON {
        [
            "TicketNumber": .text(ticket.number), "TicketID": .integer(ticket.ticketID), "title": .text(ticket.title),
            "state": .text(ticket.state.rawValue), "customer": .text(ticket.customerLogin),
            "customerID": .text(ticket.customerID), "queue": .text(ticket.queue), "hidden": .bool(ticket.isHidden),
            "created": .text(ticket.created.ISO8601Format()),
            "closed": ticket.closed.map { .text($0.ISO8601Format()) } ?? .null,
            "articles": .integer(Int64(ticket.articles.count)),
        ]
    }

    private func summary(_ record: DemoRequestRecord) -> DeskJSON {
        [
            "time": .text(record.time.ISO8601Format()), "method": .text(record.method), "target": .text(record.target),
            "fault": record.fault.map { .text($0.rawValue) } ?? .null,
        ]
    }

    private static let help = """
        The admin side of the demo desk. Bodies are JSON.

        GET    /demo/tickets                     all tickets
        POST   /demo/tickets                     {"title", "customer", "customerID"?, "queue"?, "from"?, "body"?}
        GET    /demo/tickets/<number>
        DELETE /demo/tickets/<number>
        POST   /demo/tickets/<number>/close      {"at"? (ISO 8601) or "secondsAgo"?}
        POST   /demo/tickets/<number>/closed-at  {"at" or "secondsAgo"}: moves the time of the last close
        POST   /demo/tickets/<number>/reopen
        POST   /demo/tickets/<number>/remove
        POST   /demo/tickets/<number>/merge      {"into": <number>}
        POST   /demo/tickets/<number>/hide       {"hidden"?: true}: the agents lose their permission
        POST   /demo/tickets/<number>/archive    {"archived"?: true}: searches pass over it
        POST   /demo/tickets/<number>/customer   {"customer", "customerID"?}
        POST   /demo/tickets/<number>/articles   {"subject", "body", "visible"?, "sender"?, "from"?, "html"?}
        POST   /demo/mail                        a raw message (RFC 5322) becomes a ticket, or is added to the one that it answers
        POST   /demo/faults                      {"delayMilliseconds"?, "kind"? (gateway, page, cut, error, hang), "next"?}
        GET    /demo/requests                    what the web service was asked; DELETE forgets it
        DELETE /demo/sessions                    ends all sessions of the web service

        """
}
