import OneTimeLinks
import Testing

@testable import LinkService

@Suite("What people type and paste to get a new link")
struct TypedLinkRequestTests {
    private static let number = "2026112510000018"

    private func linkRequest(ticket: String = "", email: String = "", _ stored: [String: String] = [:])
        -> TypedLinkRequest
    {
        TypedLinkRequest(ticket: ticket, email: email, settings: Settings(stored: stored))
    }

    @Test(
        "The number is found in whatever stands around it",
        arguments: [
            number, "  \(number)\n", "#\(number)", "[Ticket#\(number)]", "ticket# \(number)", "Ticket#: \(number)",
            "(\(number))",
            "Re: [Ticket#\(number)] Printer on fire", "AW: Re: [Ticket#\(number)] Room 101 is on fire since 2025",
            "2026 1125 1000 0018", "2026\u{A0}1125\u{202F}1000 0018", "2026.1125.1000.0018", "2026\u{200B}112510000018",
            "\u{FEFF}\(number)\u{AD}", "Re: [Support: \(number)] Hello", "ticket number \(number), please",
            "\"\(number)\"",
        ])
    func numbers(text: String) { #expect(linkRequest(ticket: text).number?.text == Self.number) }

    @Test("The desk's own hook counts, and a number need not be digits alone")
    func hook() {
        let stored = [SettingName.ticketHook: "Anfrage", SettingName.ticketHookDivider: ": "]
        #expect(linkRequest(ticket: "Re: [Anfrage: 4711] Hello 123456", stored).number?.text == "4711")
        #expect(linkRequest(ticket: "Anfrage: 4711", stored).number?.text == "4711")
        #expect(linkRequest(ticket: "SUP-2026_11", stored).number?.text == "SUP-2026_11")
        #expect(linkRequest(ticket: "2026-1125-18", stored).number?.text == "2026-1125-18")
    }

    @Test(
        "What names no number, or several, is not understood",
        arguments: [
            "", " ", "my printer", "<script>", "Re: Printer on fire", "call 0301234567 about 2026112510000018", "#",
            "[]", "....",
            String(repeating: "1", count: 60),
        ])
    func noNumber(text: String) {
        #expect(linkRequest(ticket: text, email: "a@example.org").number == nil)
        #expect(linkRequest(ticket: text, email: "a@example.org").unclear == [.ticket])
    }

    @Test(
        "The address is found as mail programs copy it",
        arguments: [
            "anna@example.org", "  Anna@EXAMPLE.org ", "Anna Example <anna@example.org>",
            "\"Example, Anna\" <anna@example.org>",
            "Example, Anna <anna@example.org>", "<anna@example.org>", "mailto:anna@example.org",
            "MAILTO:anna@example.org?subject=Hi",
            "<mailto:anna@example.org>", "Anna <mailto:anna@example.org>", "mailto:anna%40example.org",
            "anna@example.org,",
            "anna@example.org;", "anna@exam\u{AD}ple.org", "\u{200B}anna@example.org", "anna@example.org (Anna)",
        ])
    func addresses(text: String) { #expect(linkRequest(email: text).email == "anna@example.org") }

    @Test(
        "What is no address, or several, is not understood",
        arguments: [
            "", "anna", "anna@", "@example.org", "anna@localhost", "a@b@c", "anna@example.org, bert@example.org",
            "anna@example.org bert@example.org", "Anna <anna@example.org> <bert@example.org>", "mailto:",
            "https://example.org",
            "team: anna@example.org, bert@example.org;",
        ])
    func noAddress(text: String) {
        #expect(linkRequest(ticket: "1", email: text).email == nil)
        #expect(linkRequest(ticket: "1", email: text).unclear == [.email])
    }
}
