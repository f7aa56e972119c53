import Foundation

/// What counts as one client for every limit: an IPv4 address, or the /64 network of an IPv6 address, since a customer who has one address
/// of such a network usually has all of them. `otalink.client_network` in the database says the same.
struct ClientNetwork: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// - Parameter address: text that is no address stands for itself.
    init(_ address: String) {
        guard let canonical = CanonicalAddress(address) else {
            description = address
            return
        }
        switch canonical.bytes.count {
        case 4: description = canonical.description
        default:
            let network = Array(canonical.bytes.prefix(8)) + [UInt8](repeating: 0, count: 8)
            description = CanonicalAddress(bytes: network).description + "/64"
        }
    }
}

/// An IP address, written in one way only. An IPv4 address that is written as an IPv6 one counts as what it is.
struct CanonicalAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen.
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
    }

    /// Nil when the text is no address.
    init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: four) { Array($0) })
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self.init(bytes: withUnsafeBytes(of: six) { Array($0) })
    }

    /// An element of `X-Forwarded-For`; some proxies add the client's port: `192.0.2.1:5555`, `[2001:db8::1]:5555`.
    init?(forwarded text: String) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let parts: (host: Substring, port: Substring)
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            parts = (text[text.index(after: text.startIndex)..<end], rest.dropFirst())
            guard parts.host.contains(":"), rest.isEmpty || Self.isPort(parts.port) else { return nil }
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            parts = (text[..<colon], text[text.index(after: colon)...])
            guard Self.isPort(parts.port) else { return nil }
        } else {
            parts = (text[...], "")
        }
        self.init(String(parts.host))
    }

    /// An address with its zone, brackets and a port is shorter, in bytes.
    private static let longestText = 100

    private static func isPort(_ text: Substring) -> Bool {
        (1...5).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.count == 4 || bytes.count == 16,
            inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil
        else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
