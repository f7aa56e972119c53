import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite("Signed in at the desk by a header, behind the documented proxies", .timeLimit(.minutes(10)))
struct ForwardAuthTests {
    static let proxies = ProxyServer.Kind.allCases.filter(\.isHere)

    @Test(
        "Link, button, desk: signed in on the ticket, and only that one request carries the header", arguments: proxies)
    func wholeWay(kind: ProxyServer.Kind) async throws {
        // As a desk newer than OTOBO 11.0.6 has it: the header counts only beside the secret.
        try await withProxy(kind, proxySecret: ProxyServer.secret) { (proxied) async throws in
            let anna = proxied.browser()
            let link = try await proxied.link()
            // Apache knows no such address, the others hand it on; no log has the token.
            let escaped = try await anna.get(link.replacing("/l/", with: "/l%2F"))
            #expect(escaped.status == (kind == .apache ? 404 : 200))
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
            #expect(ticket.text.contains("<dt>Proxy's secret</dt><dd>none</dd>"))
            #expect(ticket.text.contains("<dt>Host</dt><dd>127.0.0.1:\(proxied.port)</dd>"))
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

    @Test(
        "A customer with a password keeps the desk's form, and arrives where the form was asked for", arguments: proxies
    )
    func password(kind: ProxyServer.Kind) async throws {
        try await withProxy(kind, proxySecret: ProxyServer.secret) { (proxied) async throws in
            let ticket = await proxied.newTicket("Screen dark", customer: "paul@example.org")
            let zoom = "Action=CustomerTicketZoom;TicketNumber=\(ticket)"
            let signIn =
                "/otobo/customer.pl?Action=Login;RequestedURL=Action%3DCustomerTicketZoom%3BTicketNumber%3D\(ticket)"
            // Without any cookie, and with one that was a session once.
            for cookies in [[], ["Cookie: __Host-otalink=" + String(repeating: "A", count: 22)]] {
                let form = try await proxied.curl(signIn, headers: cookies)
                #expect(form.hasPrefix("HTTP/1.1 200") && form.contains("name=\"Password\""), "\(cookies) gave \(form)")
                #expect(form.contains("name=\"RequestedURL\" value=\"\(zoom)\""), "\(form)")
                #expect(form.contains("<dt>Remote-User</dt><dd>none</dd>"))
            }
            let paul = proxied.browser()
            let entered = try await paul.post(
                "/otobo/customer.pl",
                form: "Action=Login&RequestedURL=Action%3DCustomerTicketZoom%3BTicketNumber%3D\(ticket)"
                    + "&User=paul%40example.org&Password=password-of-paul")
            #expect(entered.status == 302)
            let page = try await paul.get("/otobo/customer.pl?" + zoom)
            #expect(
                page.text.contains("<dt>Signed in</dt><dd>paul@example.org</dd>") && page.text.contains("Screen dark"))
            let wrong = try await paul.post(
                "/otobo/customer.pl", form: "Action=Login&User=paul%40example.org&Password=wrong",
                headers: [("Remote-User", "paul@example.org"), ("X-OTOBO-Proxy-Secret", ProxyServer.secret)])
            #expect(wrong.status == 200)
        }
    }

    /// Everything that may become the variable `HTTP_REMOTE_USER` on the way, and other ways to slip something in.
    static let spellings: [[String]] = [
        ["Remote-User: eve"], ["remote-user: eve"], ["REMOTE-USER: eve"], ["rEMOTE-uSER: eve"], ["Remote_User: eve"],
        ["REMOTE_USER: eve"], ["remote_user: eve"], ["Remote-User: eve", "Remote-User: eve"],
        ["Remote-User: eve", "Remote_User: eve"], ["Remote-User:eve"], ["Remote-User:\teve"], ["Remote-User: , eve"],
        ["Remote-User: eve", "Connection: Remote-User"], ["HTTP_REMOTE_USER: eve"], ["HTTP-REMOTE-USER: eve"],
        ["Remote-User: eve", "X-Forwarded-For: 127.0.0.1"], ["X-Original-URL: /x", "Remote-User: eve"],
        ["X-OTOBO-Proxy-Secret: eve", "Remote-User: eve"], ["X_OTOBO_PROXY_SECRET: eve", "Remote_User: eve"],
        ["Remote-Email: eve", "Remote-Name: eve"], ["Remote_Email: eve", "REMOTE_NAME: eve"],
        ["HTTP-Remote-Email: eve", "HTTP_REMOTE-NAME: eve"], ["Remote-User;"],
        ["Cookie: __Host-otalink=eve", "Remote-User: eve"],
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
                    #expect(answer.range(of: "Set-Cookie: OTOBO", options: .caseInsensitive) == nil, fault)
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
            for trailer in ["Remote-User: eve", "Remote_User: eve"] {
                let answer = try await proxied.raw(Self.places[0], trailer: trailer)
                #expect(!answer.contains("eve"), "\(trailer) gave \(answer)")
                // HAProxy would hand it on.
                #expect(kind != .haproxy || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
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

    /// Fields that a client would like to see dropped on the way, as `Connection` allows it with its own.
    static let dropped = [
        "X-Forwarded-For", "X-Forwarded-For, close", "close, X-Forwarded-Proto,X-Forwarded-Host", "Host",
        "x-request-id",
        "keep-alive, remote-user , cookie", "Cookie", "X-OTOBO-Proxy-Secret", "X-Forwarded-For,Remote-User,Cookie,X",
    ]

    @Test("A client has none of our headers dropped by naming them in its own Connection", arguments: proxies)
    func connection(kind: ProxyServer.Kind) async throws {
        try await withProxy(kind, proxySecret: ProxyServer.secret) { (proxied) async throws in
            _ = try await proxied.browser().press(try await proxied.browser().get("/otalink/new-link"))
            let cookies = try await proxied.signedInCookies()
            for names in Self.dropped {
                let fields = ["Connection: \(names)"]
                let page = try await proxied.curl("/otobo/customer.pl", headers: fields)
                // Envoy refuses names that nobody may have dropped.
                if kind == .envoy, page.hasPrefix("HTTP/1.1 400") { continue }
                #expect(page.contains("<dt>Client</dt><dd>127.0.0.1</dd>"), "\(names) gave \(page)")
                #expect(page.contains("<dt>Host</dt><dd>127.0.0.1:\(proxied.port)</dd>"), "\(names) gave \(page)")
                // Nor do Envoy and Traefik keep a client from having its own cookie dropped.
                if kind == .envoy || kind == .traefik, names.lowercased().contains("cookie") { continue }
                let entered = try await proxied.curl(Self.places[0], headers: fields + ["Cookie: \(cookies)"])
                #expect(entered.hasPrefix("HTTP/1.1 302"), "\(names) gave \(entered)")
                #expect(!entered.contains("CustomerTicketOverview;OTOBOCustomerInterface"), "\(names) gave \(entered)")
            }
        }
    }

    /// Forms of the service, and whether a proxy may send one again that was lost with its replica.
    static let forms: [(path: String, isRepeatable: Bool)] = [
        ("/otalink/l/token", true), ("/otalink/l/token/instead", true), ("/otalink/sign-out", true),
        ("/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=1;OTAToken=token", true),
        ("/otalink/l/token/fresh", false), ("/otalink/new-link", false), ("/otalink/api/v1/links", false),
        ("/otalink/oidc/token", false),
    ]

    @Test(
        "A form that a replica lost is sent to the other one, unless what it does would be done twice",
        arguments: proxies)
    func lost(kind: ProxyServer.Kind) async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        let identity = try await authority.identity(for: "IP:127.0.0.1")
        let ports = [try FreePort.find(), try FreePort.find()]
        let replicas = try ChildProcess(
            "python3", [RepositoryRoot.path + "/Tests/EndToEndTests/Peers/losing_replica.py"] + ports.map { "\($0)" })
        defer { replicas.kill() }
        #expect(await replicas.writes("listening"))
        let port = try FreePort.find()
        let proxy = try await ProxyServer(
            kind, port: port, replicas: ports.map { "127.0.0.1:\($0)" }, desk: "127.0.0.1:\(ports[0])",
            identity: identity)
        func status(_ arguments: [String], _ url: String) async throws -> String {
            try await ChildProcess(
                "curl",
                [
                    "--silent", "--show-error", "--max-time", "30", "--cacert", authority.certificate, "--write-out",
                    "%{http_code}",
                ]
                    + arguments
                    + [url]
            ).finished().output
        }
        // As browsers send it: the head and the body apart.
        let sending = ["--output", "/dev/null", "--header", "Expect: 100-continue", "--data", "form=proof"]
        for (index, form) in Self.forms.enumerated() {
            let separator = form.path.contains("?") ? ";" : "?"
            let path = "\(form.path)\(separator)number=\(index)"
            var answer = ""
            var times = 0
            // A proxy that has just lost both replicas asks neither for a moment.
            repeat {
                answer = try await status(sending, "https://127.0.0.1:\(port)\(path)")
                let seen = try await status([], "http://127.0.0.1:\(ports[0])/seen")
                times = seen.split(separator: "\n").count { $0.hasSuffix("number=\(index)") }
            } while times == 0
            let isRepeated = form.isRepeatable && kind.repeatsLostRequests
            #expect(times == (isRepeated ? 2 : 1), "\(form.path) came \(times) times, and the answer was \(answer)")
            #expect(answer == "200" || !isRepeated, "\(form.path) gave \(answer)")
        }
        _ = try await proxy.stop()
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
