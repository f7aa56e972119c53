import CurlClient
import DemoDesk
import Foundation
import Logging
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("The connector against the stand-in desk, over loopback")
struct LoopbackTests {
    @Test("A ticket is read through its whole life")
    func life() async throws {
        try await withDesk { desk, connector in
            let made = await desk.create(Self.new)
            let number = try #require(TicketNumber(made.number))
            let ticket = try #require(try await connector.ticket(number: number).ticket)
            #expect(ticket.stateType == .new)
            #expect(ticket.customerLogin == "erika")
            #expect(ticket.title == "Übergröße & Co.")
            #expect(try await connector.ticket(id: made.ticketID) == .ticket(ticket))
            let closing = Date(timeIntervalSince1970: 1_795_000_000)
            try await desk.close(made.number, at: closing)
            #expect(try await connector.ticket(number: number).ticket?.closedAt == closing)
            try await desk.reopen(made.number)
            let reopened = try #require(try await connector.ticket(number: number).ticket)
            #expect(reopened.stateType == .open)
            #expect(reopened.closedAt == nil)
            let other = await desk.create(Self.new)
            try await desk.merge(made.number, into: other.number)
            #expect(try await connector.ticket(number: number).ticket?.mergedInto?.text == other.number)
            #expect(try await connector.ticket(id: other.ticketID).ticket?.mergedInto == nil)
            try await desk.setCustomer(other.number, login: "max", customerID: "ACME")
            #expect(try await connector.ticket(id: other.ticketID).ticket?.customerLogin == "max")
            // An archived ticket is there: a search that passed over it would make it look deleted.
            try await desk.archive(other.number)
            #expect(try await connector.ticket(number: #require(TicketNumber(other.number))).ticket != nil)
            #expect(try await connector.search(ids: [other.ticketID], stateTypes: []) == [other.ticketID])
            try await desk.hide(other.number)
            #expect(try await connector.ticket(id: other.ticketID) == .invisible)
            try await desk.delete(made.number)
            #expect(try await connector.ticket(number: number) == .invisible)
        }
    }

    @Test(
        "Of many tickets, those that cannot be seen do not spoil the others",
        arguments: [
            [], [0], [119], [3, 50, 51, 99], Array(0..<120),
        ])
    func isolation(_ hidden: [Int]) async throws {
        try await withDesk { desk, connector in
            var ids: [Int64] = []
            for index in 0..<120 {
                let ticket = await desk.create(Self.new)
                if hidden.contains(index) { try await desk.hide(ticket.number) }
                ids.append(ticket.ticketID)
            }
            let readings = try await connector.tickets(ids: ids + [9_999, 0, -5])
            #expect(readings.count == 123)
            for (index, id) in ids.enumerated() {
                #expect((readings[id] == .invisible) == hidden.contains(index), "ticket \(index)")
            }
            #expect(readings[9_999] == .invisible)
            let log = await desk.requestLog
            #expect(log.count <= 1 + 3 * 3)
        }
    }

    @Test("Numbers are looked up in bulk, and states narrow in bulk")
    func bulk() async throws {
        try await withDesk { desk, connector in
            var numbers: [TicketNumber] = []
            for index in 0..<300 {
                let made = await desk.create(Self.new)
                if index.isMultiple(of: 3) { try await desk.close(made.number) }
                numbers.append(try #require(TicketNumber(made.number)))
            }
            let unknown = try #require(TicketNumber("2020010110000001"))
            #expect(try await connector.search(numbers: numbers, stateTypes: [.closed]).count == 100)
            #expect(try await connector.search(ids: Array(1...300), stateTypes: [.closed, .new]).count == 300)
            let readings = try await connector.tickets(numbers: numbers + [unknown])
            #expect(readings[unknown] == .invisible)
            #expect(readings.values.compactMap(\.ticket).filter { $0.stateType == .closed }.count == 100)
            #expect(readings.count == 301)
        }
    }

    @Test("Only what the customer may see is shown of a conversation, HTML as text")
    func articles() async throws {
        try await withDesk { desk, connector in
            let made = await desk.create(Self.new)
            try await desk.addArticle(
                NewDemoArticle(isVisibleForCustomer: false, from: "agent", subject: "intern", body: "geheim"),
                to: made.number)
            try await desk.addArticle(
                NewDemoArticle(from: "agent", subject: "Re", body: "<p>Gr&uuml;&szlig;e</p>", mimeType: "text/html"),
                to: made.number)
            let articles = try await connector.articles(ofTicket: made.ticketID)
            #expect(articles.map(\.text) == ["Hilfe!", "Grüße"])
            #expect(articles.map(\.sender) == [.customer, .agent])
        }
    }

    @Test("A dynamic field is set, and one that the desk does not have is refused")
    func dynamicField() async throws {
        try await withDesk { desk, connector in
            let made = await desk.create(Self.new)
            await desk.endSessions()
            await #expect(
                throws: TicketSystemError(
                    .refused(errorCode: "TicketUpdate.InvalidParameter"), operation: "TicketUpdate")
            ) {
                try await connector.setDynamicField("Nowhere", to: "1", ofTicket: made.ticketID)
            }
        }
    }

    @Test("When the desk ends all sessions, calls go on")
    func endedSessions() async throws {
        try await withDesk { desk, connector in
            let made = await desk.create(Self.new)
            for _ in 0..<3 {
                await desk.endSessions()
                let reading = try await connector.ticket(id: made.ticketID)
                #expect(reading != .invisible)
            }
            #expect(await desk.sessionCount == 1)
        }
    }

    @Test(
        "Each fault is told for what it is, and the next call works",
        arguments: [
            (.gateway, .gateway(status: 502)), (.page, .gateway(status: 200)), (.error, .badAnswer(.requestRejected)),
            (.cut, .unreachable), (.hang, .timedOut),
        ] as [(DemoFaults.Kind, TicketSystemError.Kind)])
    func faults(_ fault: DemoFaults.Kind, _ kind: TicketSystemError.Kind) async throws {
        // Only a desk that hangs is waited for; on a busy machine every other answer may take its time.
        try await withDesk(change: { $0.requestTimeout = fault == .hang ? .seconds(15) : .seconds(60) }) {
            desk, connector in
            let made = await desk.create(Self.new)
            _ = try await connector.ticket(id: made.ticketID)
            await desk.setFaults(DemoFaults(kind: fault, remaining: 1))
            await #expect(throws: TicketSystemError(kind, operation: "TicketGet")) {
                try await connector.ticket(id: made.ticketID)
            }
            #expect(try await connector.ticket(id: made.ticketID).ticket != nil)
        }
    }

    @Test(
        "Misconfigurations are told for what they are",
        arguments: [
            ("/Webservice/nosuch", "pw", .serviceMissing), ("/Webservice/OTALINK", "pw", .serviceMissing),
            ("/Webservice/otalink", "wrong", .loginRefused(retryAfter: .seconds(2))),
            ("/Webservice/otalink/x", "pw", .operationMissing("SessionCreate")),
        ] as [(String, String, TicketSystemError.Kind)])
    func misconfiguration(_ path: String, _ password: String, _ kind: TicketSystemError.Kind) async throws {
        try await withDesk { configuration in
            configuration.url = configuration.url.replacing("/Webservice/otalink", with: path)
            configuration.password = password
        } body: { _, connector in
            await #expect(throws: TicketSystemError(kind, operation: "SessionCreate")) {
                try await connector.ticket(id: 1)
            }
        }
    }

    @Test("A good desk passes the check")
    func check() async throws {
        try await withDesk { desk, connector in
            let made = await desk.create(Self.new)
            try await desk.close(made.number)
            let findings = await connector.check()
            #expect(
                findings.map(\.subject) == [.reachable, .login, .search, .ticket, .timeZone, .closeTimes, .history])
            #expect(findings.allSatisfy { $0.verdict == .good }, "\(findings)")
        }
    }

    @Test(
        "The check finds what is wrong",
        arguments: [
            ("zone", .timeZone, .bad), ("empty", .search, .doubtful), ("password", .login, .bad),
            ("service", .reachable, .bad), ("open tickets only", .closeTimes, .untried),
        ] as [(String, TicketSystemFinding.Subject, TicketSystemFinding.Verdict)])
    func checkFinds(
        _ flaw: String, _ subject: TicketSystemFinding.Subject, _ verdict: TicketSystemFinding.Verdict
    ) async throws {
        let zone = try #require(TimeZone(identifier: "America/New_York"))
        try await withDesk { configuration in
            if flaw == "zone" { configuration.timeZone = zone }
            if flaw == "password" { configuration.password = "wrong" }
            if flaw == "service" { configuration.url += "x" }
        } body: { desk, connector in
            if flaw != "empty" { await desk.create(Self.new) }
            let finding = await connector.check().first { $0.subject == subject }
            #expect(finding?.verdict == verdict, "\(String(describing: finding))")
        }
    }

    @Test("The field that marks tickets is looked for, and nothing is changed")
    func field() async throws {
        try await withDesk { desk, connector in
            #expect(await connector.checkField("NewCustomer").map(\.verdict) == [.untried])
            let made = await desk.create(Self.new)
            #expect(await connector.checkField("NewCustomer").map(\.verdict) == [.good, .untried])
            #expect(await connector.checkField("Newcustomer").map(\.verdict) == [.bad])
            try await connector.setDynamicField("NewCustomer", to: "1", ofTicket: made.ticketID)
            let before = await desk.ticket(made.number)
            #expect(await connector.checkField("NewCustomer").map(\.verdict) == [.good, .good])
            #expect(await desk.ticket(made.number)?.history.count == before?.history.count)
        }
    }

    @Test("An agent who may only read is told so before the first ticket is to be marked")
    func writePermission() async throws {
        try await withDesk {
            $0.login = "reader"
        } body: { desk, connector in
            try await desk.mark(await desk.create(Self.new).number, "NewCustomer", "1")
            let findings = await connector.checkField("NewCustomer")
            #expect(findings.map(\.subject) == [.field, .writing] && findings.last?.verdict == .bad)
            #expect(findings.last?.text.contains("permission rw") == true)
        }
    }

    @Test("https to a port that speaks plain http is told as that, and words are words")
    func plainPort() async throws {
        try await withDesk {
            $0.url = $0.url.replacing("http://", with: "https://")
        } body: { _, connector in
            let findings = await connector.check()
            #expect(findings.first?.verdict == .bad)
            #expect(findings.first?.text.contains("does not answer in TLS") == true, "\(findings)")
            await #expect(throws: TicketSystemError(.plainPort, operation: "SessionCreate")) {
                try await connector.ticket(id: 1)
            }
        }
        for subject in TicketSystemFinding.Subject.allCases {
            #expect(subject.rawValue == subject.rawValue.lowercased())
        }
    }

    @Test("The ticket that a desk is installed with, of 2015, says nothing about its zone")
    func welcomeTicket() async throws {
        for isAlone in [true, false] {
            try await withDesk { desk, connector in
                if !isAlone { _ = await desk.create(Self.new) }
                _ = try await desk.createWelcomeTicket()
                let finding = await connector.check().first { $0.subject == .timeZone }
                #expect(finding?.verdict == .good, "\(String(describing: finding))")
            }
        }
    }

    @Test("A ticket made of a mail says how it began")
    func origin() async throws {
        try await withDesk { desk, connector in
            let mail = "From: Erika <erika@kunde.example>\nMessage-ID: <1@kunde.example>\nSubject: Hilfe\n\nHilfe!\n"
            let made = await desk.receive(mail: Array(mail.utf8))
            let origin = try #require(try await connector.origin(ofTicket: made.ticketID))
            #expect(origin.isMail && origin.sender == .customer && origin.messageID == "<1@kunde.example>")
            #expect(origin.from == "Erika <erika@kunde.example>" && made.customerLogin == "erika@kunde.example")
            let call = await desk.create(Self.new)
            #expect(try await connector.origin(ofTicket: call.ticketID)?.isMail == false)
            await #expect(throws: TicketSystemError(.invisible, operation: "TicketGet")) {
                try await connector.origin(ofTicket: 99)
            }
        }
    }

    private static let new = NewDemoTicket(
        title: "Übergröße & Co.", customerLogin: "erika", customerID: "ACME",
        article: NewDemoArticle(sender: .customer, from: "erika@kunde.example", subject: "Hilfe", body: "Hilfe!"))

    func withDesk(
        change: (inout OTOBOConfiguration) -> Void = { _ in },
        body: (DemoDeskState, OTOBOConnector) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let desk = DemoDesk(
            configuration: DemoDeskConfiguration(
                agents: [
                    .init(login: "otalink", password: "pw"),
                    .init(login: "reader", password: "pw", permission: .readOnly),
                ], dynamicFields: ["NewCustomer"], timeZone: berlin),
            logger: quiet)
        let client = CurlClient(logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            var configuration = OTOBOConfiguration(
                url: "http://127.0.0.1:\(await desk.boundPort)/otobo/nph-genericinterface.pl/Webservice/otalink",
                login: "otalink", password: "pw", timeZone: berlin, requestTimeout: .seconds(20))
            change(&configuration)
            try await body(desk.state, OTOBOConnector(configuration: configuration, client: client, logger: quiet))
            await client.close()
            group.cancelAll()
        }
    }
}
