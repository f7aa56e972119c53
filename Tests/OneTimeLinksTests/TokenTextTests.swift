import Foundation
import OneTimeLinks
import Testing

@Suite("Tokens as they come back")
struct TokenTextTests {
    private static let token = "0f9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789AbCd"

    private func read(_ text: String) -> String? {
        TokenText.read(Array(text.utf8), length: 43)
    }

    /// What may stand between the signs of a token; also for those who hide tokens.
    static let noises = [
        " ", "\t", "\n", "\r\n", "\r\n ", "\u{A0}", "\u{2009}", "\u{3000}", "\u{2028}", "\u{85}", "\u{AD}", "\u{200B}",
        "\u{200C}", "\u{200D}", "\u{2060}", "\u{FEFF}", "\u{200E}", "\u{200B}\u{AD} \n\u{FEFF}",
    ]
    /// What may stand behind a token.
    static let tails = [
        "", "</a>", "[/url]", "](https://x.example)", ">", ")", ".", ",", ";", ":", "!", "?", "\"", "'", "&gt;",
        "&nbsp;", "`", "*", "|", " and more words", "\u{201D}", "\u{BB}.", "\u{3002}", "\\",
    ]

    @Test(
        "White space, line breaks, zero-width characters and soft hyphens are passed over, wherever they are",
        arguments: noises)
    func passedOver(noise: String) {
        for place in [0, 1, 22, 42, 43] {
            let text = Self.token.prefix(place) + noise + Self.token.dropFirst(place)
            #expect(read(String(text)) == Self.token, "at \(place)")
        }
        #expect(read(noise + Self.token.map { String($0) }.joined(separator: noise) + noise) == Self.token)
    }

    @Test("What is glued to the end is left there", arguments: tails)
    func tail(tail: String) { #expect(read(Self.token + tail) == Self.token) }

    /// FRONT and REST are the parts of the token before and behind its ninth character, SHORT is without its last one.
    private static let others = [
        "", "x", " ", "SHORT", "SHORT.", "FRONTRESTx", "FRONTREST\u{200B}x", "FRONTREST/x", "FRONTREST/", "FRONTREST-",
        "FRONTREST_x", "FRONTREST=", "FRONTREST%2", "FRONTREST+", "<FRONTREST", "/FRONTREST", ".FRONTREST",
        "FRONT-REST",
        "FRONT.REST", "FRONT\u{2010}REST", "FRONT\u{E4}REST", "FRONT/REST",
    ]

    @Test("Anything else is not forgiven", arguments: others)
    func refused(form: String) {
        let text = form.replacing("FRONT", with: Self.token.prefix(9)).replacing("REST", with: Self.token.dropFirst(9))
            .replacing("SHORT", with: Self.token.dropLast())
        #expect(read(text) == nil)
    }

    @Test("A token behind very many blanks is not looked for")
    func bound() {
        #expect(read(String(repeating: " ", count: 900) + Self.token) == Self.token)
        #expect(read(String(repeating: " ", count: 2_000) + Self.token) == nil)
    }

    @Test("Bytes that are no UTF-8 end no token and are none of its letters")
    func bytes() {
        #expect(
            TokenText.read(Array(Self.token.utf8.prefix(9)) + [0xAD] + Self.token.utf8.dropFirst(9), length: 43) == nil)
        #expect(TokenText.read(Array(Self.token.utf8.prefix(9)) + [0xE2, 0x80], length: 43) == nil)
    }

    @Test(
        "Escapes are decoded once, and what is none stays",
        arguments: [
            ("a%20b", "a b"), ("%2f%2F", "//"), ("%E2%80%8B", "\u{200B}"), ("%2520", "%20"), ("%", "%"), ("%4", "%4"),
            ("%zz", "%zz"), ("100%", "100%"),
        ])
    func escapes(text: String, decoded: String) {
        #expect(TokenText.percentDecoded(text.utf8) == Array(decoded.utf8))
    }
}
