import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite("Signed in at the desk by a header, behind the documented proxies", .timeLimit(.minutes(5)))
struct ForwardAuthTests {
    static let proxies = ProxyServer.Kind.allCases.filter(\.isHere)

    @Test(
        "Link, button, desk: signed in on the ticket, and only that one request carries the header", arguments: proxies)
    func wholeWay(kind: ProxyServer.Kind) async throws {
        try await withProxy(kind) { (proxied) async throws in
            let anna = proxied.browser()
            let link = try await proxied.link()
            let clicked = try await anna.press(try await anna.get(link))
            #expect(clicked.header("Set-Cookie")?.hasPrefix("__Host-otalink=") == true)
            let signIn = try #require(clicked.header("Location"))
            #expect(clicked.status == 303 && signIn.hasPrefix(proxied.url + "/otobo/customer.pl?Action=Login;"))
            let entered = try await anna.get(String(signIn.dropFirst(proxied.url.count)))
            #expect(entered.status == 302)
            // No session id in the address: the proxy said that the browser takes cookies.
            let zoom = "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=\(proxied.ticket)"
            #expect(entered.header("Location")?.hasSuffix(zoom) == true)
            let ticket = try await anna.get(zoom)
            #expect(ticket.text.contains("<dd>anna@example.org</dd>") && ticket.text.contains("Printer"))
            #expect(ticket.text.contains("<dt>Remote-User</dt><dd>none</dd>"))
            // Whoever only asks who is signed in is not answered from outside.
            #expect(try await anna.get("/otalink/auth/verify").status == 404)
            // Signed out here, the desk's sign-in is the login form again.
            try await proxied.deployment.database.psql("UPDATE otalink.session SET revoked_at = now()")
            let start = ContinuousClock.now
            while try await anna.get(String(signIn.dropFirst(proxied.url.count))).status == 302 {
                try #require(ContinuousClock.now - start < .seconds(10))
            }
        }
    }

    /// Everything that may become the variable `HTTP_REMOTE_USER` on the way, and other ways to slip something in.
    static let spellings: [[String]] = [
        ["Remote-User: eve"], ["remote-user: eve"], ["REMOTE-USER: eve"], ["rEMOTE-uSER: eve"], ["Remote_User: eve"],
        ["REMOTE_USER: eve"], ["remote_user: eve"], ["Remote-User: eve", "Remote-User: eve"],
        ["Remote-User: eve", "Remote_User: eve"], ["Remote-User:eve"], ["Remote-User:\teve"], ["Remote-User: , eve"],
        ["Remote-User: eve", "Connection: Remote-User"], ["HTTP_REMOTE_USER: eve"], ["HTTP-REMOTE-USER: eve"],
        ["Remote-User: eve", "X-Forwarded-For: 127.0.0.1"], ["X-Original-URL: /x", "Remote-User: eve"],
        ["Remote-User;"], ["Cookie: __Host-otalink=eve", "Remote-User: eve"],
    ]

    static let places: [String] = [
        "/otobo/customer.pl?Action=Login;RequestedURL=Action%3DCustomerTicketOverview",
        "/otobo/customer.pl?Action=Login&RequestedURL=x", "/otobo/customer.pl?Action=Login",
        "/otobo/customer.pl?x=1;Action=Login;RequestedURL=x", "/otobo/customer.pl", "/otobo//customer.pl?Action=Login",
        "/otobo/./customer.pl?Action=Login;RequestedURL=x", "/otobo/customer%2Epl?Action=Login;RequestedURL=x",
    ]

    @Test("No header of a client's own reaches the desk, in no spelling and at no address", arguments: proxies)
    func forged(kind: ProxyServer.Kind) async throws {
        try await withProxy(kind) { (proxied) async throws in
            _ = try await proxied.browser().press(try await proxied.browser().get("/otalink/new-link"))
            for place in Self.places {
                for spelling in Self.spellings {
                    let answer = try await proxied.curl(place, headers: spelling)
                    let fault: Comment = "\(spelling) at \(place) gave \(answer)"
                    #expect(!answer.contains("eve"), fault)
                    #expect(!answer.contains("Set-Cookie: OTOBO"), fault)
                    // The desk answered, or the proxy refused the request as malformed.
                    #expect(
                        answer.contains("<dt>Remote-User</dt><dd>none</dd>") || answer.hasPrefix("HTTP/1.1 4"), fault)
                }
            }
            // The same, sent as bytes that curl would not send.
            for raw in ["Remote-User : eve", " Remote-User: eve", "Remote-User: a\r\n eve", "Remote-User\u{0}: eve"] {
                let answer = try await proxied.raw(Self.places[0], header: raw)
                #expect(!answer.contains("eve"), "\(raw) gave \(answer)")
            }
            // With a session of one's own, one is oneself, whatever one says.
            let cookies = try await proxied.signedInCookies()
            for spelling in Self.spellings.dropLast() {
                let answer = try await proxied.curl(Self.places[0], headers: spelling + ["Cookie: \(cookies)"])
                #expect(answer.hasPrefix("HTTP/1.1 302"), "\(spelling) gave \(answer)")
                let sessions = await proxied.deployment.desk.customersSignedIn
                #expect(sessions == ["anna@example.org"], "\(spelling)")
            }
        }
    }

    @Test("A replica is taken out in the middle of clicks, and nobody notices", arguments: proxies, [false, true])
    func takenOut(kind: ProxyServer.Kind, isKilled: Bool) async throws {
        try await withProxy(kind) { (proxied) async throws in
            // A ticket a link, so that every token can sign in; each on its way when the replica goes.
            var made: [String] = []
            for _ in 0..<24 {
                made.append(try await proxied.link(ticket: await proxied.newTicket()))
            }
            let links = made
            let answers = try await concurrently(links.count) { (index) async throws in
                if index == links.count / 2 {
                    let process = proxied.deployment.replicas[1].process
                    if isKilled { process.kill() } else { process.terminate() }
                }
                let browser = proxied.browser()
                var answers = ""
                repeat {
                    let opened = try await browser.get(links[index])
                    guard opened.status == 200 else {
                        answers = "\(opened.status)"
                        continue
                    }
                    answers = "\(opened.status) \(try await browser.press(opened).status)"
                    // The customer tries again.
                } while !kind.repeatsLostRequests && answers.hasSuffix("502")
                return answers
            }
            #expect(answers.filter { $0 != "200 303" } == [])
            let sessions = try await proxied.deployment.database.psql(
                "SELECT count(*), count(DISTINCT link_id) FROM otalink.session WHERE revoked_at IS NULL")
            #expect(sessions == "\(links.count)|\(links.count)")
        }
    }
}
