import Testing

@testable import LinkService

@Suite("Which address a request comes from")
struct ClientAddressTests {
    @Test(
        "Ranges",
        arguments: [
            ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("192.0.2.128/25", "192.0.2.200", true),
            ("192.0.2.128/25", "192.0.2.100", false),
            ("0.0.0.0/0", "192.0.2.1", true), ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::1", "::1", true), ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:10.0.0.1/128", "10.0.0.1", true), ("::ffff:0:0/96", "192.0.2.1", true),
            ("::ffff:10.0.0.0/8", "10.1.2.3", true), ("10.1.2.3/8", "10.9.9.9", true),
            ("10.0.0.0/8", "2001:db8::1", false), ("10.0.0.0/8", "nonsense", false),
        ])
    func ranges(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isInside)
    }

    @Test(
        "What is no range",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0", "host", "::1/129", "10.0.0.0/x", "/8", "::ffff:10.0.0.0/95",
            "::ffff:10.0.0.0/129",
        ])
    func noRanges(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "A network by its first address, and the address alone",
        arguments: [
            ("10.1.2.3/8", "10.0.0.0/8", "10.1.2.3"), ("10.0.0.0/8", "10.0.0.0/8", "10.0.0.0"),
            ("192.0.2.200/25", "192.0.2.128/25", "192.0.2.200"), ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
            ("192.0.2.1/32", "192.0.2.1", "192.0.2.1"), ("2001:db8:1::1/33", "2001:db8::/33", "2001:db8:1::1"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8", "10.1.2.3"), ("10.1.2.3/0", "0.0.0.0/0", "10.1.2.3"),
        ])
    func networks(text: String, network: String, address: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.network.description == network && range.address == address)
        #expect((range == range.network) == (range.description == network))
    }

    @Test(
        "Inner networks are told from those of the internet",
        arguments: [
            ("10.1.2.3", true), ("127.0.0.1", true), ("172.31.0.1", true), ("172.32.0.1", false), ("192.168.1.1", true),
            ("100.100.1.1", true), ("::1", true), ("fd00::1", true), ("fe80::1", true), ("2001:db8::1", false),
            ("192.0.2.1", false), ("::ffff:10.0.0.1", true), ("", false),
        ])
    func inner(address: String, isInner: Bool) {
        #expect(AddressRange.isInner(address) == isInner)
    }

    @Test(
        "The nearest address that no proxy of ours wrote; what a client wrote itself counts for nothing",
        arguments: [
            ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"), ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", ["203.0.113.9", "198.51.100.1", "10.0.0.3", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", ["198.51.100.1", "unknown"], "10.0.0.1"), ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
            // Some proxies add the port, and write one address in several ways.
            ("10.0.0.1", ["198.51.100.1:5555"], "198.51.100.1"), ("10.0.0.1", ["[2001:db8::1]:5555"], "2001:db8::1"),
            ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"), ("10.0.0.1", ["2001:DB8:0::0:1"], "2001:db8::1"),
            ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["203.0.113.9:1", "198.51.100.1:2", "10.0.0.2:3"], "198.51.100.1"),
            ("10.0.0.1", ["198.51.100.1:"], "10.0.0.1"), ("10.0.0.1", ["198.51.100.1:x"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1:5555:6"], "10.0.0.1"), ("10.0.0.1", ["[198.51.100.1]:5555"], "10.0.0.1"),
            ("10.0.0.1", ["[2001:db8::1"], "10.0.0.1"), ("10.0.0.1", ["[2001:db8::1]5555"], "10.0.0.1"),
            ("10.0.0.1", ["2001:db8::1]"], "10.0.0.1"), ("10.0.0.1", [""], "10.0.0.1"),
        ])
    func clients(peer: String, named: [String], client: String) throws {
        let proxies = try #require(AddressRange("10.0.0.0/8"))
        #expect(ClientAddresses(trustedProxies: [proxies]).client(peer: peer, named: named) == client)
    }
}
