import Catalogue
import Foundation
import LinkPages
import Testing

/// Every kind of page once, with long and short content; the tests check them, and a person can look at them.
enum SamplePages {
    static let proof = "pZ4kT0vY6mQ1xW8sR3nB5cJ7hL2dG9fA"

    static func frame(_ language: Language) -> PageFrame {
        PageFrame(
            siteName: "Example Help Desk", language: language, support: .address("help@example.com"),
            zone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)
    }

    static let all: [(name: String, page: any Page)] = [
        ("confirm", ConfirmPage(form: PostForm(action: "/l/token", proof: proof))),
        ("ticket", ticket),
        ("ticket-empty", emptyTicket),
        (
            "account-question",
            AccountQuestionPage(
                signedInAs: "Bertram Ballmann", linkOwner: "Annegret Schmidt-Rottluff",
                goOn: PostForm(action: "/l/token", proof: proof), stayPath: "/ticket")
        ),
        ("refresh-failed", AnswerPage(.message(.refreshFailed, text: nil))),
        ("new-link", AnswerPage(.message(.newLink, text: nil))),
        ("link-expired", AnswerPage(.message(.linkExpired, text: nil))),
        (
            "wrong-link",
            AnswerPage(
                .message(.wrongLink, text: nil), freshLink: PostForm(action: "/l/token/fresh", proof: proof))
        ),
        (
            "own-wording",
            AnswerPage(
                .message(.linkExpired, text: "Ring us up:\n+49 30 123456\n\nOr see https://example.com/help."))
        ),
        ("too-many-requests", AnswerPage(.tooManyRequests(retryAfter: 300))),
        ("mail-refused", AnswerPage(.mailRefused)),
        ("new-link-requested", AnswerPage(.linkRequested)),
        ("new-link-form", NewLinkPage(form: PostForm(action: "/new-link", proof: proof))),
        (
            "new-link-unclear",
            NewLinkPage(
                form: PostForm(action: "/new-link", proof: proof), typed: ("my printer", "annegret"),
                unclear: [.ticket, .email])
        ),
        ("temporarily-unavailable", AnswerPage(.temporarilyUnavailable)),
        ("link-unspent", AnswerPage(.linkUnspent)),
        ("ticket-gone", AnswerPage(.ticketGone)),
        ("not-found", AnswerPage(.notFound)),
        ("method-not-allowed", AnswerPage(.methodNotAllowed)),
        ("foreign-host", AnswerPage(.foreignHost)),
        ("bad-form", AnswerPage(.badForm)),
        ("bad-new-link-form", AnswerPage(.badNewLinkForm)),
        ("internal-error", AnswerPage(.internalError(requestID: "5f3a9c1e-77"))),
        ("signed-out", AnswerPage(.signedOut)),
        ("sessions", sessions),
        ("sign-in-refused", AnswerPage(.signInRefused(requestID: "5f3a9c1e-78"))),
        ("sign-in-endless", AnswerPage(.signInEndless)),
        ("sign-in", NewLinkPage(form: PostForm(action: "/new-link", proof: proof), reason: .signIn)),
        (
            "sign-in-again",
            NewLinkPage(
                form: PostForm(action: "/new-link", proof: proof), reason: .signInAgain,
                proposedEmail: "annegret@example.com")
        ),
        ("go-on", GoOnPage(path: "/oidc/authorize?client_id=app&state=x")),
        (
            "hand-over",
            HandOverPage(
                action: "https://desk.example/customer.pl?Action=Login&Lang=de",
                fields: [.init(name: "id_token", value: "a.b.c"), .init(name: "state", value: "x  y\"&<")])
        ),
        (
            "sign-out-question",
            SignOutQuestionPage(
                signedInAs: "Annegret Schmidt", signOut: PostForm(action: "/oidc/logout", proof: proof))
        ),
    ]

    private static let day = Date(timeIntervalSince1970: 1_795_611_600)

    static let ticket = TicketPage(
        number: "2026112510000013",
        title: "Printer on the second floor prints only every other page",
        state: "open",
        articles: [
            TicketPage.Article(
                from: "Annegret Schmidt", author: .customer, subject: "Printer prints only every other page",
                text: """
                    Hello,

                    since this morning our printer has been leaving out every other page. Switching it off and on did \
                    not help.

                    Kind regards
                    Annegret Schmidt
                    """,
                writtenAt: day),
            TicketPage.Article(
                from: "Example Help Desk", author: .helpDesk, subject: "Re: Printer prints only every other page",
                text: """
                    Dear Ms Schmidt,

                    thank you for your message. Please try the steps on https://www.example.com/printers/duplex (they \
                    take two minutes). You find the ticket here: https://desk.example/l/4fZkT0vY6mQ1xW8sR3nB5cJ7hL2dG9fA

                    Best regards
                    Your help desk
                    """,
                writtenAt: day.addingTimeInterval(5400)),
            TicketPage.Article(
                from: "\"Annegret Schmidt\" <annegret.schmidt@a-rather-long-domain-name-of-a-company.example>",
                author: .customer, subject: "",
                text: """
                    It works, thanks! The log said:
                    ERR_DUPLEX_TRAY_MISALIGNMENT_0x0000000000000000000000000000000000000000000000000000000000000000042

                    > You find the ticket here: <OTOBO_OTACustomerTicketLink>
                    """,
                writtenAt: day.addingTimeInterval(90_000),
                attachments: [
                    "printer.log", "Photo of the tray, taken from the left side with the door open 2026-11-26.jpeg",
                ]),
            TicketPage.Article(
                from: "Bertram Ballmann <bertram@example.net>", author: .other, subject: "AW: Printer",
                text: "Same here.",
                writtenAt: day.addingTimeInterval(80_000)),
        ],
        customer: "Annegret Schmidt", signedInUntil: day.addingTimeInterval(120_000),
        signOut: PostForm(action: "/sign-out", proof: proof), sessionsPath: "/sessions",
        ownLinks: ["https://desk.example/l/"])

    private static let sessions = SessionsPage(
        customer: "Annegret Schmidt",
        rows: [
            .init(
                userAgent: "Mozilla/5.0 (Linux; Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", began: day,
                lastUsed: day.addingTimeInterval(600), isThisBrowser: true,
                signOut: PostForm(action: "/sessions/1/sign-out", proof: proof)),
            .init(
                userAgent: nil, began: day.addingTimeInterval(-7200), lastUsed: day.addingTimeInterval(-3600),
                isThisBrowser: false, signOut: PostForm(action: "/sessions/2/sign-out", proof: proof)),
        ],
        signOutEverywhere: PostForm(action: "/sessions/sign-out-everywhere", proof: proof))

    private static let emptyTicket = TicketPage(
        number: "7", title: "", state: "new", articles: [], customer: "a@example.com", signedInUntil: day,
        signOut: PostForm(action: "/sign-out", proof: proof), sessionsPath: "/sessions", ownLinks: [])
}

@Suite("Sample pages")
struct SamplePagesTests {
    /// With `OTALINK_SAMPLE_PAGES=directory`, so that a person can look at the pages in a browser.
    @Test("the pages are written to a directory, if one is named")
    func written() throws {
        guard let directory = ProcessInfo.processInfo.environment["OTALINK_SAMPLE_PAGES"] else { return }
        for language in [Language.english, .german] {
            for (name, page) in SamplePages.all {
                let file = URL(filePath: directory).appending(path: "\(name).\(language.tag).html")
                try Data(page.document(in: SamplePages.frame(language)).utf8).write(to: file)
            }
        }
    }
}
