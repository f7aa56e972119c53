import CurlClient
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "Sessions of the previous release and this one, on one database", .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10)))
struct TwoReleasesTests {
    private func signIn(_ browser: Browser, _ link: String, _ replica: String) async throws {
        browser.turn(to: replica)
        let answer = try await browser.press(try await browser.get(link))
        #expect(answer.status == 303, "\(replica): \(answer.text.prefix(300))")
    }

    private func status(_ browser: Browser, _ path: String, _ replica: String) async throws -> Int {
        browser.turn(to: replica)
        return try await browser.get(path).status
    }

    @Test("A link opened at one and clicked at the other signs in at both, each way, and signing out counts for both")
    func eachWay() async throws {
        try await withBothReleases { (deployment, old, new) async throws in
            let ticket = try await deployment.annasTicket()
            for (opener, clicker) in [(old, new), (new, old), (old, old), (new, new)] {
                let browser = Browser(client: deployment.client, base: opener)
                let page = try await browser.get(try await deployment.link(ticket: ticket))
                browser.turn(to: clicker)
                #expect(try await browser.press(page).status == 303)
                for replica in [old, new] { #expect(try await status(browser, "/t/\(ticket)", replica) == 200) }
                // The page of one signs out at the other.
                browser.turn(to: opener)
                let shown = try await browser.get("/t/\(ticket)")
                browser.turn(to: clicker)
                #expect(try await browser.press(shown).status == 200)
                for replica in [old, new] { #expect(try await status(browser, "/t/\(ticket)", replica) == 401) }
            }
        }
    }

    @Test("A second ticket that this release opens keeps the first one's; the old one shows the newest, and ends both")
    func secondTicket() async throws {
        try await withBothReleases { (deployment, old, new) async throws in
            let tickets = [
                try await deployment.annasTicket(), try await deployment.annasTicket(),
                try await deployment.annasTicket(),
            ]
            var links: [String] = []
            for ticket in tickets { links.append(try await deployment.link(ticket: ticket)) }
            let browser = Browser(client: deployment.client, base: old)
            try await signIn(browser, links[0], old)
            try await signIn(browser, links[1], new)
            for ticket in tickets[..<2] { #expect(try await status(browser, "/t/\(ticket)", new) == 200) }
            #expect(try await status(browser, "/t/\(tickets[1])", old) == 200)
            #expect(try await status(browser, "/t/\(tickets[0])", old) == 404)
            // Revoking the newer link: the columns that the old release reads name the other grant.
            try await deployment.database.psql(
                "UPDATE otalink.link SET state = 'revoked' WHERE ticket_number = '\(tickets[1])'")
            for replica in [old, new] {
                // Each hears of it within a second.
                while try await status(browser, "/t/\(tickets[0])", replica) != 200 { try await giveWay() }
                #expect(try await status(browser, "/t/\(tickets[1])", replica) == 404)
            }
            try await signIn(browser, links[2], old)
            for replica in [old, new] {
                #expect(try await status(browser, "/t/\(tickets[2])", replica) == 200)
                #expect(try await status(browser, "/t/\(tickets[0])", replica) == 404)
            }
            let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
            #expect(try await deployment.database.psql(living) == "1")
        }
    }

    @Test("The desk is told by both who it is, and by neither after the link was revoked")
    func verified() async throws {
        try await withBothReleases(["Landing": "forward-auth"]) { (deployment, old, new) async throws in
            for clicker in [old, new] {
                let ticket = try await deployment.annasTicket()
                let browser = Browser(client: deployment.client, base: clicker)
                try await signIn(browser, try await deployment.link(ticket: ticket), clicker)
                for replica in [old, new] { #expect(try await status(browser, "/auth/verify", replica) == 200) }
                try await deployment.database.psql(
                    "UPDATE otalink.link SET state = 'revoked' WHERE ticket_number = '\(ticket)'")
                for replica in [old, new] {
                    while try await status(browser, "/auth/verify", replica) != 401 { try await giveWay() }
                }
            }
        }
    }
}
