import OneTimeLinks
import Testing

@testable import LinkService

@Suite("Addresses of the add-on")
struct AddOnAddressTests {
    private static let token = "AbCdEfGhIjKlMnOpQrStUv12"
    private static let number = "2026112510000018"

    @Test(
        "Separators and order do not matter, nor what is glued to the end",
        arguments: [
            "Action=CustomerTicketZoom;TicketNumber=\(number);OTAToken=\(token)",
            "Action=CustomerTicketZoom&TicketNumber=\(number)&OTAToken=\(token)",
            "Action=CustomerTicketZoom&amp;TicketNumber=\(number)&amp;OTAToken=\(token)",
            "Action=CustomerTicketZoom%3BTicketNumber=\(number)%3bOTAToken=\(token)",
            "Action%3DCustomerTicketZoom%3BTicketNumber%3D\(number)%3BOTAToken%3D\(token)",
            "OTAToken=\(token);Action=CustomerTicketZoom;TicketNumber=\(number)",
            "OTAToken=\(token)&TicketNumber=\(number);Action=CustomerTicketZoom",
            "TicketNumber=\(number);OTAToken=\(token);",
            "TicketNumber=\(number);OTAToken=\(token).",
            "TicketNumber=\(number);OTAToken=\(token)%3E",
            "TicketNumber=\(number);OTAToken=\(token))",
            "TicketNumber=\(number);OTAToken=\(token)&gt;",
            "TicketNumber=\(number);OTAToken=\(token)</a>",
            "TicketNumber=\(number);OTAToken=\(token)%5B/url%5D",
            "TicketNumber=\(number);OTAToken=AbCdEfGhI%0D%0A%20jKlMn%C2%ADOpQrStUv%E2%80%8B12%20",
            "OTAToken=\(token);TicketNumber=\(number)%22.",
            "OTAToken=%41bCdEfGhIjKlMnOpQrStUv12;TicketNumber=202611251000001%38",
            "TicketNumber=\(number);OTAToken=\(token);OTAToken=other;TicketNumber=2",
            "utm_source=mail&TicketNumber=\(number);OTAToken=\(token)",
            // Where the add-on sent the browser at a click; people keep it.
            "Action=Login;OTAToken=\(token);RequestedURL=Action%3DCustomerTicketZoom%3BTicketNumber%3D\(number)%3BOTAToken%3D\(token)",
        ])
    func forms(query: String) throws {
        let address = AddOnAddress(query: query)
        #expect(address.token == .token(try #require(AddOnToken(Self.token))))
        #expect(address.ticketNumber?.text == Self.number)
        #expect(address.step == nil)
    }

    @Test(
        "A damaged token is one that leads nowhere, a missing one is none",
        arguments: [
            ("OTAToken=\(token)3", .unreadable), ("OTAToken=\(token)/x", .unreadable),
            ("OTAToken=\(token)-", .unreadable),
            ("OTAToken=AbCdEfGhI-jKlMnOpQrStUv12", .unreadable), ("OTAToken=short", .unreadable),
            ("OTAToken=%", .unreadable),
            ("OTAToken=.", .unreadable), ("OTAToken=", .missing), ("OTAToken", .missing), ("", .missing),
            ("otatoken=\(token)", .missing), ("TicketNumber=\(number)", .missing),
        ] as [(String, AddOnAddress.TokenPart)])
    func damaged(query: String, part: AddOnAddress.TokenPart) {
        #expect(AddOnAddress(query: query).token == part)
    }

    @Test(
        "Our forms name their step in an address that is read back",
        arguments: [nil, .instead, .fresh] as [AddOnAddress.Step?])
    func steps(step: AddOnAddress.Step?) throws {
        let token = try #require(AddOnToken(Self.token))
        let number = try #require(TicketNumber(Self.number))
        let address = AddOnAddress(query: AddOnAddress.query(token, ticketNumber: number, step: step))
        #expect(address.token == .token(token) && address.ticketNumber == number && address.step == step)
    }

    @Test("Thirty wrong tokens of one client within a minute are looked up, others are not held up by them")
    func limit() {
        let limit = GuessLimit()
        let start = ContinuousClock.now
        for second in 0..<30 {
            #expect(limit.secondsToWait("192.0.2.1", limit: 30, at: start + .seconds(second)) == nil)
            limit.count("192.0.2.1", at: start + .seconds(second))
        }
        #expect(limit.secondsToWait("192.0.2.1", limit: 30, at: start + .seconds(40)) == 21)
        #expect(limit.secondsToWait("192.0.2.2", limit: 30, at: start + .seconds(40)) == nil)
        #expect(limit.secondsToWait("192.0.2.1", limit: 30, at: start + .seconds(60)) == nil)
    }

    @Test("However many addresses try, what is remembered of them stays small, and who is held up stays so at first")
    func limitOfManyAddresses() {
        let limit = GuessLimit()
        let start = ContinuousClock.now
        for number in 0..<GuessLimit.clients { limit.count("old \(number)", at: start) }
        let later = start + .seconds(61)
        for _ in 0..<30 { limit.count("192.0.2.1", at: later) }
        #expect(limit.secondsToWait("192.0.2.1", limit: 30, at: later) == 61)
        for number in 0..<GuessLimit.clients { limit.count("new \(number)", at: later) }
        #expect(limit.secondsToWait("192.0.2.1", limit: 30, at: later) == nil)
    }
}
