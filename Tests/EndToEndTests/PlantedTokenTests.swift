import CurlClient
import Foundation
import SMTPSink
import TestSupport
import Testing

@Suite("A live token that others quote", .timeLimit(.minutes(10)))
struct PlantedTokenTests {
    @Test(
        "stands in no table and no log afterwards, whether a mail server, a browser or a form brought it",
        arguments: ["554 5.7.1 Refused: URL listed", "450 4.7.1 Try later", "250 2.0.0 Ok"])
    func planted(reply: String) async throws {
        try await withDeployment(environment: ["OTALINK_LOG_LEVEL": "debug"]) { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let link = try await deployment.link(ticket: ticket)
            let token = String(link.dropFirst("/l/".count))
            let url = deployment.replicas[0].url + link

            // The server quotes it while it refuses, puts off or takes a mail of ours.
            let told = "\(reply) \(url) (/l/\(token)) \(token.prefix(20)) \(token.dropFirst(20))"
            await deployment.sink.follow(SMTPScript(faults: [.endOfData: .reply(told)]))
            try await deployment.database.psql(Self.queueMail(ticket))
            let untried = "SELECT count(*) FROM otalink.mail_outbox WHERE attempts = 0 OR claimed_by IS NOT NULL"
            while try await deployment.database.psql(untried) != "0" { try await giveWay() }

            // A browser that says it in every field, and forms that hold it where something else is asked for.
            let headers = [
                (name: "User-Agent", value: "Mozilla \(url) \(token)"), (name: "Referer", value: url),
                (name: "X-Request-Id", value: token), (name: "X-Forwarded-For", value: token),
                (name: "Cookie", value: "otalink=\(token)"),
            ]
            for path in [link, "/t/\(ticket)", "/t/\(token)", "/new-link", "/sessions", "/auth/verify", "/\(token)"] {
                _ = try await deployment.client.send(
                    HTTPRequest(method: .get, url: deployment.replicas[0].url + path, headers: headers))
            }
            for body in ["ticket=\(token)&email=\(token)", "form=\(token)", "ticket=\(ticket)&email=\(url)"] {
                for path in ["/new-link", link, "/l/\(token)/fresh"] {
                    let browser = deployment.browser()
                    _ = try await browser.press(try await browser.get("/new-link"), headers: headers)
                    _ = try await deployment.client.send(
                        HTTPRequest(
                            method: .post, url: deployment.replicas[0].url + path,
                            headers: headers + [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                            body: Array(body.utf8)))
                }
            }
            // It is as alive as before, and the browser that uses it says it once more.
            let browser = deployment.browser()
            let signedIn = try await browser.press(try await browser.get(link), headers: Array(headers.prefix(2)))
            // A mail that went out brought a link in its place.
            let isAlive = !reply.hasPrefix("250")
            #expect(signedIn.status == (isAlive ? 303 : 410))

            for part in [token, String(token.prefix(20)), String(token.dropFirst(20))] {
                #expect(try await deployment.database.psql(Self.places(of: part)) == "")
            }
            #expect(
                try await deployment.database.psql("SELECT user_agent FROM otalink.session")
                    == (isAlive ? "Mozilla <url> <token>" : ""))
            let stored = try await deployment.database.psql(
                "SELECT string_agg(COALESCE(last_error, '') || ' ', '') FROM otalink.mail_outbox")
            #expect(
                reply.hasPrefix("250")
                    || stored.contains(reply.split(separator: " ").dropFirst(2).joined(separator: " ")), "\(stored)")
            for replica in deployment.replicas {
                replica.process.terminate()
                let logged = await replica.process.finished()
                for part in [token, String(token.prefix(20)), String(token.dropFirst(20))] {
                    #expect(!(logged.errors + logged.output).contains(part))
                }
            }
        }
    }

    /// A mail with a link of its own, as an act writes it.
    private static func queueMail(_ ticket: String) -> String {
        """
        WITH link AS (
            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
            SELECT gen_random_uuid(), ticket_number, customer_login, recipient, key_id, 'offered', 'notification'
              FROM otalink.link WHERE ticket_number = '\(ticket)' LIMIT 1
            RETURNING id, ticket_number, customer_login, recipient
        )
        INSERT INTO otalink.mail_outbox (id, kind, link_id, ticket_number, customer_login, recipient, language, is_judged)
        SELECT gen_random_uuid(), 'notification', id, ticket_number, customer_login, recipient, 'en', true FROM link
        """
    }

    /// The tables that hold the text anywhere.
    private static func places(of text: String) -> String {
        """
        SELECT table_name
          FROM information_schema.tables
         WHERE table_schema = 'otalink'
           AND query_to_xml(format('SELECT * FROM otalink.%I', table_name), true, false, '')::text LIKE '%\(text)%'
        """
    }
}
