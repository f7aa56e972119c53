import CurlClient
import Foundation
import LinkActs
import LinkService
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Sessions over HTTP")
struct SessionPagesTests {
    private static let forwardAuth = [SettingName.landing: "forward-auth"]
    private static let bert = """
        INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
        VALUES ('bert@example.org', 'bert@example.org', 'b', 'Bert', 'Example')
        """

    /// A browser that has clicked a new link of Anna's.
    private func signedIn(_ replica: Replica, _ service: ServiceUnderTest) async throws -> Browser {
        let browser = Browser(client: service.client, base: service.url)
        let answer = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
        #expect(answer.status == 303)
        return browser
    }

    /// A link of Bert's on a ticket of his own.
    private func linkOfBert(_ replica: Replica, _ service: ServiceUnderTest, _ database: TestDatabase) async throws
        -> String
    {
        try await database.psql(Self.bert)
        var ticket = try exampleTicket()
        ticket.number = try #require(TicketNumber("2026112510000026"))
        (ticket.ticketID, ticket.customerLogin) = (2, "bert@example.org")
        let theirs = ticket
        service.desk.change { $0.tickets[theirs.number] = theirs }
        return "/l/\(try await replica.token(ticket: ticket.number, customer: "bert@example.org"))"
    }

    static let landings: [(landing: String, deskURL: String, location: String)] = [
        ("page", "https://desk.example.org/customer.pl?Action=CustomerTicketZoom;TicketNumber=", "/t/2026112510000018"),
        (
            "forward-auth", "https://desk.example.org/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=",
            "https://desk.example.org/otobo/customer.pl?Action=Login;RequestedURL=Action%3DCustomerTicketZoom%3BTicketNumber%3D2026112510000018"
        ),
        // A desk of another kind has no such sign-in.
        ("forward-auth", "https://desk.example.org/tickets/", "https://desk.example.org/tickets/2026112510000018"),
    ]

    @Test("The click leads to where the setting says, and the pages allow the way there", arguments: landings)
    func landing(row: (landing: String, deskURL: String, location: String)) async throws {
        try await withService([SettingName.landing: row.landing], deskTicketURL: row.deskURL) {
            (replica, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            #expect(
                page.header("Content-Security-Policy")?.contains("form-action 'self' https://desk.example.org;") == true
            )
            let answer = try await browser.press(page)
            #expect(answer.status == 303 && answer.header("Location") == row.location)
        }
    }

    static let surroundings: [(base: String, desk: String, part: String?)] = [
        (
            "https://desk.example.org/otalink", "https://desk.example.org/otobo/customer.pl?Action=Zoom;TicketNumber=",
            nil
        ),
        ("https://desk.example.org:444/o", "https://desk.example.org/customer.pl?Action=Zoom;TicketNumber=", nil),
        (
            "https://tickets.example.org", "https://desk.example.org/customer.pl?Action=Zoom;TicketNumber=",
            "OTALINK_BASE_URL=https://desk.example.org/otalink"
        ),
        (
            "https://tickets.example.org", "https://desk.example.org:8443/customer.pl?Action=Zoom;TicketNumber=",
            "OTALINK_BASE_URL=https://desk.example.org:8443/otalink"
        ),
        (
            "https://desk.example.org/otalink", "http://desk.example.org/customer.pl?Action=Zoom;TicketNumber=",
            "OTALINK_DESK_TICKET_URL with https"
        ),
        ("https://Desk.example.org/otalink", "https://desk.example.org/customer.pl?Action=Zoom;TicketNumber=", nil),
        (
            "https://desk.example.org:8443/otalink", "https://desk.example.org:8443/ticket/",
            "https://desk.example.org:8443/otobo"
        ),
        ("https://desk.example.org/otalink", "https://desk.example.org/ticket/", "OTALINK_DESK_TICKET_URL"),
        ("https://desk.example.org/otalink", "no address", "OTALINK_BASE_URL"),
    ]

    @Test("The doctor is told why the desk cannot be landed at", arguments: surroundings)
    func objection(row: (base: String, desk: String, part: String?)) throws {
        let place = LandingPlace(baseURL: try BaseURL(row.base), deskTicketURL: row.desk)
        #expect(place.objection(to: .page) == nil)
        let objection = place.objection(to: .forwardAuth)
        #expect(row.part.map { objection?.contains($0) == true } ?? (objection == nil), "\(objection ?? "none")")
    }

    @Test("The desk is told who it is, by a session of the account and by no other")
    func verify() async throws {
        try await withService(Self.forwardAuth) { (replica, service, database) async throws in
            let browser = try await signedIn(replica, service)
            for (method, path) in [
                (HTTPRequest.Method.get, ""), (.post, ""), (.head, ""), (.get, "/otobo/customer.pl"),
            ] {
                let answer = try await browser.get("/auth/verify\(path)", method: method)
                #expect(answer.status == 200)
                #expect(answer.header("Remote-User") == "anna@example.org")
                #expect(answer.header("Remote-Email") == "anna@example.org")
                #expect(answer.header("Remote-Name") == "Anna Example")
            }
            let nobody = try await Browser(client: service.client, base: service.url).get("/auth/verify")
            #expect(nobody.status == 401 && nobody.header("Remote-User") == nil)
            #expect(nobody.header("Location") == "http://127.0.0.1:8080/new-link")
            // Both ends of the account's life count at once.
            try await database.psql("UPDATE otalink.customer_user SET valid_id = 2")
            #expect(try await browser.get("/auth/verify").status == 401)
            try await database.psql("UPDATE otalink.customer_user SET valid_id = 1")
            #expect(try await browser.get("/auth/verify").status == 200)
            try await database.psql("UPDATE otalink.session_grant SET counts_at_desk = false")
            #expect(try await browser.get("/auth/verify").status == 401)
        }
    }

    static let logins: [(login: String, isTold: Bool)] = [
        ("ann\u{E4}@example.org", true), ("Anna Example", true), ("anna,o=example", true), ("\u{5B89}\u{5A1C}", true),
        (" anna", false), ("anna ", false), ("anna\tx", true), ("an\nna", false), ("anna\u{7F}", false),
    ]

    @Test("A login is told byte for byte, or not at all", arguments: logins)
    func named(row: (login: String, isTold: Bool)) async throws {
        try await withService(Self.forwardAuth) { (replica, service, database) async throws in
            let browser = try await signedIn(replica, service)
            let text = "convert_from('\\x\(Data(row.login.utf8).map { String(format: "%02x", $0) }.joined())', 'UTF8')"
            try await database.psql(
                "UPDATE otalink.customer_user SET login = \(text); UPDATE otalink.session SET customer_login = \(text)")
            let answer = try await browser.get("/auth/verify")
            #expect(answer.status == (row.isTold ? 200 : 401))
            #expect(answer.header("Remote-User") == (row.isTold ? row.login : nil))
        }
    }

    @Test("Who is signed in as somebody else is asked first, and nothing is spent by asking")
    func question() async throws {
        try await withService { (replica, service, database) async throws in
            let browser = try await signedIn(replica, service)
            let link = try await linkOfBert(replica, service, database)
            let confirm = try await browser.get(link)
            let question = try await browser.press(confirm)
            #expect(question.status == 200)
            #expect(question.text.contains("Anna Example") && question.text.contains("Bert Example"))
            #expect(question.text.contains("href=\"/t/2026112510000018\""))
            let state = "SELECT state FROM otalink.link WHERE customer_login = 'bert@example.org'"
            #expect(try await database.psql(state) == "active")
            // Staying is a link; the ticket is still there.
            #expect(try await browser.get("/t/2026112510000018").status == 200)
            // The form of the confirm page does not answer the question.
            let proof = try #require(confirm.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            #expect(try await browser.post(link + "/instead", form: "form=\(proof)").status == 403)
            #expect(try await database.psql(state) == "active")
            let before = try await database.psql("SELECT id FROM otalink.session")
            let answer = try await browser.press(question)
            #expect(answer.status == 303 && answer.header("Location") == "/t/2026112510000026")
            #expect(try await database.psql(state) == "used")
            #expect(try await browser.get("/t/2026112510000026").status == 200)
            #expect(try await browser.get("/t/2026112510000018").status == 404)
            // The session that was given up is over, for whoever kept its cookie.
            let ended = "SELECT revoke_reason FROM otalink.session WHERE id = '\(before)'"
            #expect(try await database.psql(ended) == "replaced by a new sign-in")
        }
    }

    @Test("A new sign-in is a new session: the old one ends, and a cookie planted before it is worth nothing")
    func rotation() async throws {
        try await withService { (replica, service, database) async throws in
            let browser = try await signedIn(replica, service)
            let link = "/l/\(try await replica.token())"
            #expect(try await browser.press(try await browser.get(link)).status == 303)
            let sessions = "SELECT count(*), count(*) FILTER (WHERE revoked_at IS NULL) FROM otalink.session"
            #expect(try await database.psql(sessions) == "2|1")
            // A double click goes on with the same.
            #expect(try await browser.press(try await browser.get(link)).status == 303)
            #expect(try await database.psql(sessions) == "2|1")
            #expect(try await browser.get("/t/2026112510000018").status == 200)
        }
    }

    @Test("A person sees where they are signed in, and signs out here, there and everywhere")
    func list() async throws {
        try await withService { (replica, service, database) async throws in
            let here = try await signedIn(replica, service)
            let there = try await signedIn(replica, service)
            let third = try await signedIn(replica, service)
            #expect(try await Browser(client: service.client, base: service.url).get("/sessions").status == 401)
            let page = try await here.get("/sessions")
            let forms = page.text.matches(
                of: /action="(\/sessions\/[^"]+)"><input type="hidden" name="form" value="([^"]+)"/)
            #expect(forms.count == 4 && page.text.components(separatedBy: "(this browser)").count == 2)
            let ids = try await database.psql(
                "SELECT string_agg(id::text, ' ' ORDER BY created_at DESC) FROM otalink.session")
            let newest = ids.split(separator: " ").map(String.init)
            #expect(forms.prefix(3).map { String($0.output.1) } == newest.map { "/sessions/\($0)/sign-out" })

            // A form that was made for another browser, or for another session, ends nothing.
            let ofThird = "form=\(forms[0].output.2)"
            #expect(try await there.post(String(forms[0].output.1), form: ofThird).status == 403)
            #expect(try await here.post(String(forms[1].output.1), form: ofThird).status == 403)
            #expect(try await here.post("/sessions/sign-out-everywhere", form: ofThird).status == 403)
            #expect(try await third.get("/sessions").status == 200)

            let ended = try await here.post(String(forms[0].output.1), form: ofThird)
            #expect(ended.status == 303 && ended.header("Location") == "/sessions")
            #expect(try await third.get("/sessions").status == 401)
            #expect(try await there.get("/sessions").status == 200)
            let everywhere = try await here.post(String(forms[3].output.1), form: "form=\(forms[3].output.2)")
            #expect(everywhere.status == 200 && everywhere.header("Set-Cookie")?.contains("Max-Age=0") == true)
            for browser in [here, there] { #expect(try await browser.get("/sessions").status == 401) }
        }
    }

    @Test("A session of the account shows the person's own tickets, and no others")
    func tickets() async throws {
        try await withService(Self.forwardAuth) { (replica, service, database) async throws in
            let browser = try await signedIn(replica, service)
            _ = try await linkOfBert(replica, service, database)
            #expect(try await browser.get("/t/2026112510000018").status == 200)
            #expect(try await browser.get("/t/2026112510000026").status == 404)
            let questions = service.desk.state.withLock(\.questions)
            // A number without any link is not asked about.
            #expect(try await browser.get("/t/2026112510000099").status == 404)
            #expect(service.desk.state.withLock(\.questions) == questions)
            // The ticket goes to somebody else: the session stays and the ticket is lost.
            try await database.psql(
                "UPDATE otalink.ticket SET customer_login = 'bert@example.org' WHERE ticket_number = '2026112510000018'"
            )
            #expect(try await browser.get("/t/2026112510000018").status == 404)
            #expect(try await browser.get("/auth/verify").status == 200)
        }
    }
}
