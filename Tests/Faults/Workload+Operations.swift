import CurlClient
import Foundation
import ReplicaSupport
import TestSupport

/// A link that a program has in hand.
struct IssuedLink: Sendable {
    let id: String
    /// Path of its page.
    let path: String
}

/// The single operations. Each says what it was told; a lost connection is thrown.
extension Workload {
    /// A mail server hands a mail to the filter, and the filter makes the customer user.
    func receiveMail(from address: String) async throws -> Ledger.Outcome {
        let mail = "From: Nina Example <\(address)>\nTo: support@example.org\nSubject: Printer\n\nIt burns.\n"
        let filter = try ChildProcess(
            BuiltProgram.otalink, ["mail", "inbound"], environment: installation.environment, input: Data(mail.utf8))
        let finished = await filter.finished()
        switch finished.status {
        case 0 where finished.output.contains("X-OTOBO-CustomerUser: \(address)"):
            return .promised(.customerCreated(login: address))
        case 75: return .failed
        default: return .wrong("mail inbound ended with \(finished.status)")
        }
    }

    /// A program asks for a link.
    ///
    /// - Parameter name: of the call, so that its repeats make no second link, and are answered the same.
    func issue(ticket: String, login: String, name: String? = nil) async throws -> (IssuedLink?, Ledger.Outcome) {
        let body = #"{"ticketNumber":"\#(ticket)","customerLogin":"\#(login)"}"#
        let answer = try await call("/links", body: body, name: name)
        guard answer.status == 201 else {
            let isInProgress = answer.status == 409 && name != nil
            return (nil, isInProgress ? .failed : Self.failure(answer, "issue"))
        }
        if let name {
            let again = try await call("/links", body: body, name: name)
            if again.status == 201, again.body != answer.body { return (nil, .wrong("issue: a repeat differs")) }
        }
        guard let id = answer.text.firstMatch(of: /"id":"([^"]+)"/)?.1,
            let path = answer.text.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)?.output
        else { return (nil, .wrong("issue: a body without link")) }
        return (
            IssuedLink(id: String(id), path: String(path)),
            .promised(.issued(link: String(id), onlyOneFor: name == nil ? nil : ticket))
        )
    }

    /// The customer opens the link and presses the button.
    func click(
        _ link: IssuedLink, _ browser: Browser, ticket: String, isRepeated: Bool
    ) async throws -> Ledger.Outcome {
        let page = try await browser.get(link.path)
        guard page.status == 200 else { return Self.failure(page, "confirm page") }
        let answer = try await browser.press(page)
        switch answer.status {
        case 303: return .promised(.signedIn(link: link.id, cookies: browser.cookies))
        // Spent by an attempt whose answer was lost too long ago to be told from a replay.
        case 200 where isRepeated: return .promised(.mailQueued(ticket: ticket))
        case 410 where isRepeated: return .promised(.mailQueued(ticket: ticket))
        default: return Self.failure(answer, "click")
        }
    }

    /// Somebody clicks the spent link in another browser, and gets a fresh one by mail.
    func clickAgain(
        _ link: IssuedLink, _ browser: Browser, ticket: String, isRepeated: Bool
    ) async throws -> Ledger.Outcome {
        let page = try await browser.get(link.path)
        guard page.status == 200 else { return Self.failure(page, "confirm page") }
        let answer = try await browser.press(page)
        switch answer.status {
        case 200: return .promised(.mailQueued(ticket: ticket))
        // The mail of an attempt whose answer was lost has gone out already.
        case 410 where isRepeated: return .promised(.mailQueued(ticket: ticket))
        default: return Self.failure(answer, "click on a spent link")
        }
    }

    /// A program takes the link back, and the session with it.
    func revoke(_ link: IssuedLink, cookies: String, isRepeated: Bool) async throws -> Ledger.Outcome {
        let answer = try await call("/links/\(link.id)/revoke", body: "{}")
        switch answer.status {
        case 204: return .promised(.revoked(link: link.id, cookies: cookies))
        case 404 where isRepeated: return .promised(.revoked(link: link.id, cookies: cookies))
        default: return Self.failure(answer, "revoke")
        }
    }

    private func call(_ path: String, body: String, name: String? = nil) async throws -> HTTPResponse {
        let naming = name.map { [(name: "Idempotency-Key", value: $0)] } ?? []
        return try await installation.client.send(
            HTTPRequest(
                method: .post, url: installation.balancer.url + "/api/v1" + path,
                headers: [("Authorization", "Bearer \(Installation.apiKey)")] + naming, body: Array(body.utf8),
                timeout: .seconds(30)))
    }

    /// "Try again" is what may be said of a failure; all else is wrong.
    private static func failure(_ answer: HTTPResponse, _ operation: String) -> Ledger.Outcome {
        [502, 503, 504].contains(answer.status) ? .failed : .wrong("\(operation): \(answer.status)")
    }
}
