import Testing

@testable import LinkService

@Suite("Our hosts")
struct OurHostsTests {
    @Test(
        "A host is compared in one spelling, without its port",
        arguments: [
            ("tickets.example.org", "tickets.example.org"), ("Tickets.Example.ORG", "tickets.example.org"),
            ("tickets.example.org:443", "tickets.example.org"), ("tickets.example.org:", "tickets.example.org"),
            ("tickets.example.org.", "tickets.example.org"), ("tickets.example.org.:8443", "tickets.example.org"),
            ("localhost", "localhost"), ("a_b.example.org", "a_b.example.org"), ("192.0.2.1:80", "192.0.2.1"),
            ("[2001:DB8::1]", "[2001:db8::1]"), ("[2001:db8:0:0::1]:8080", "[2001:db8::1]"),
            ("2001:db8::1", "[2001:db8::1]"), ("[::ffff:192.0.2.1]", "192.0.2.1"),
            ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("XN--Bcher-KVA.example", "xn--bcher-kva.example"),
            ("faß.example", "xn--fa-hia.example"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("", nil), (".", nil), ("a..b", nil), (".example.org", nil), ("a b", nil), ("a/b", nil), ("a@b", nil),
            ("a,b", nil), ("a:b", nil), ("a:123456", nil), ("a:1:2", nil), ("[::1", nil), ("[::1]x", nil),
            ("[tickets.example.org]", nil), ("[fe80::1%25eth0]", nil), ("a%2eb", nil), ("example.org..", nil),
            (String(repeating: "a", count: 64) + ".example", nil), (String(repeating: "a.", count: 127) + "aa", nil),
            (String(repeating: "a.", count: 126) + "a", String(repeating: "a.", count: 126) + "a"),
            (String(repeating: "ü", count: 64), nil), (String(repeating: "a.", count: 4_000), nil),
        ] as [(String, String?)])
    func spelling(text: String, name: String?) {
        #expect(HostName(text)?.description == name)
    }

    @Test(
        "Ours are the base URL's and those that are added, whatever the port",
        arguments: [
            ("https://tickets.example.org", "tickets.example.org", true),
            ("https://tickets.example.org", "TICKETS.example.org.:8443", true),
            ("https://tickets.example.org:8443/otalink", "tickets.example.org", true),
            ("https://tickets.example.org", "www.example.org", true),
            ("https://tickets.example.org", "example.org", false),
            ("https://tickets.example.org", "tickets.example.org.evil.example", false),
            ("https://tickets.example.org", "xtickets.example.org", false),
            ("https://tickets.example.org", "", false),
            ("http://[::1]:8080", "[0:0::1]:9", true), ("http://127.0.0.1:8080", "localhost:8080", false),
            ("https://xn--bcher-kva.example", "bücher.example", true),
        ])
    func ours(baseURL: String, host: String, isOurs: Bool) throws {
        let hosts = OurHosts(baseURL: try BaseURL(baseURL), others: [try #require(HostName("www.example.org"))])
        #expect(hosts.contains(host) == isOurs)
    }

    @Test(
        "The host is what a proxy of ours says, else the field Host",
        arguments: [
            ("inner", [], true, "inner", nil), ("inner", ["tickets.example.org"], true, "tickets.example.org", nil),
            ("inner", ["evil.example, tickets.example.org"], true, "tickets.example.org", nil),
            ("inner", ["evil.example", "tickets.example.org"], true, "tickets.example.org", nil),
            ("inner", ["tickets.example.org"], false, "inner", "tickets.example.org"),
            ("inner", ["", " "], true, "inner", nil), (nil, [], false, nil, nil),
        ] as [(String?, [String], Bool, String?, String?)])
    func request(host: String?, forwarded: [String], isTrusted: Bool, text: String?, untrusted: String?) {
        let named = RequestHost(host: host, forwarded: forwarded, isFromTrustedProxy: isTrusted)
        #expect(named.text == text && named.untrusted == untrusted)
    }
}
