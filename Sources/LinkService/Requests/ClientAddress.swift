import Foundation
import HTTPTypes
import Hummingbird

/// A network in CIDR notation, or a single address: `10.0.0.0/8`, `2001:db8::1`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let prefixLength: Int

    /// Nil when the text is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = CanonicalAddress(String(parts[0]))?.bytes else { return nil }
        let longest = bytes.count * 8
        guard var length = parts.count == 2 ? Int(parts[1]) : longest else { return nil }
        // The prefix of an IPv4 address that is written as an IPv6 one counts the 96 bits before it, too; not everybody writes it so.
        if bytes.count == 4, parts[0].contains(":"), length >= 96 { length -= 96 }
        guard (0...longest).contains(length) else { return nil }
        self.bytes = bytes
        prefixLength = length
    }

    private init(bytes: [UInt8], prefixLength: Int) {
        self.bytes = bytes
        self.prefixLength = prefixLength
    }

    /// The same network written by its first address; itself, unless an address within the network was written.
    public var network: AddressRange {
        let bytes = bytes.enumerated().map { index, byte in
            byte & ~UInt8(truncatingIfNeeded: 0xFF >> max(0, min(8, prefixLength - index * 8)))
        }
        return AddressRange(bytes: bytes, prefixLength: prefixLength)
    }

    /// The address alone.
    public var address: String { CanonicalAddress(bytes: bytes).description }

    /// In CIDR notation, or the address alone if it is one.
    public var description: String {
        prefixLength == bytes.count * 8 ? address : "\(address)/\(prefixLength)"
    }

    /// True if the address is in the range.
    public func contains(_ address: String) -> Bool {
        guard let other = CanonicalAddress(address)?.bytes, other.count == bytes.count else { return false }
        let whole = prefixLength / 8
        guard other[..<whole] == bytes[..<whole] else { return false }
        let rest = prefixLength % 8
        return rest == 0 || (other[whole] ^ bytes[whole]) >> (8 - rest) == 0
    }
}

extension AddressRange {
    /// Networks that are reached from nowhere else: of this machine, of links, private ones, and those between a provider and its
    /// customers, which clouds use as private ones (RFC 1918, 3927, 4193, 4291, 6598).
    private static let inner = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "::1",
        "fc00::/7", "fe80::/10",
    ].compactMap { AddressRange($0) }

    /// Whether an address is of such a network.
    public static func isInner(_ address: String) -> Bool { inner.hold(address) }
}

extension [AddressRange] {
    /// Whether one of them holds the address; none holds what is no address.
    func hold(_ address: String) -> Bool { contains { $0.contains(address) } }
}

/// Finds out which address a request comes from: the peer's, or, behind proxies of ours, what they wrote into `X-Forwarded-For`.
struct ClientAddresses: RouterMiddleware {
    let trustedProxies: [AddressRange]

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        guard !trustedProxies.isEmpty, let peer = context.peerAddress else { return try await next(request, context) }
        var context = context
        let named = request.headers[values: .xForwardedFor].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        context.clientAddress = client(peer: peer, named: named)
        return try await next(request, context)
    }

    /// Each proxy adds the address that it was called from at the end; what the client itself wrote stands before, and counts for
    /// nothing.
    func client(peer: String, named: [String]) -> String {
        var client = peer
        for address in named.reversed() where trustedProxies.hold(client) {
            guard let address = CanonicalAddress(forwarded: address) else { break }
            client = address.description
        }
        return client
    }
}

extension HTTPField.Name {
    static let xForwardedFor = Self("X-Forwarded-For") ?? .date
}
