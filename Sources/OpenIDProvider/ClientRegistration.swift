import Foundation

/// The rules of what a client may be registered with.
public enum ClientName {
    /// True for an id that a client may have: it stands in URLs, logs and lists of people.
    public static func isAcceptable(_ id: String) -> Bool {
        (1...100).contains(id.utf8.count)
            && id.utf8.allSatisfy { FormParameters.isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }
}

/// The rules of addresses that browsers are sent to with an answer (RFC 6749, 3.1.2; RFC 9700, 2.1).
public enum RedirectTarget {
    /// Nil for an address that may be registered, else what is wrong with it.
    public static func objection(to uri: String) -> String? {
        guard uri.utf8.count <= 2_000, uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }),
            let parts = URLComponents(string: uri), let host = parts.host, !host.isEmpty
        else {
            return
                "is not an absolute address. Write it as the client sends it, such as https://app.example.org/callback"
        }
        guard parts.fragment == nil, !uri.contains("#") else {
            return "has a fragment, which browsers keep to themselves. Leave out what follows the #."
        }
        guard parts.user == nil, parts.password == nil else { return "names a user. Leave that out." }
        guard !uri.contains("*") else { return "has an asterisk. Addresses are compared as they stand; add each one." }
        let isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard parts.scheme == "https" || parts.scheme == "http" && isLoopback else {
            return "is not https. Codes pass there, so plain http is allowed for loopback only."
        }
        return nil
    }

    /// The origin of an address as browsers send it in `Origin`; nil when it has none.
    public static func browserOrigin(of uri: String) -> String? {
        guard let parts = URLComponents(string: uri), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), !host.isEmpty
        else { return nil }
        let usual = ["https": 443, "http": 80][scheme]
        return "\(scheme)://\(host)" + (parts.port.flatMap { $0 == usual ? nil : ":\($0)" } ?? "")
    }

    /// The origin of an address, as a policy of ours names it; nil when it has none.
    public static func origin(of uri: String) -> String? {
        guard let parts = URLComponents(string: uri), let scheme = parts.scheme, let host = parts.host else {
            return nil
        }
        return "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
    }
}
