/// The names under which customers may reach the service. There is this one list: what gets a host of its own adds it here.
///
/// Only names are compared. A port says nothing about whose page it is, and proxies often leave it out.
public struct OurHosts: Sendable, Hashable {
    private var names: Set<HostName>

    /// - Parameters:
    ///   - baseURL: its host is one.
    ///   - others: those of `OTALINK_HOSTS`.
    public init(baseURL: BaseURL, others: [HostName] = []) {
        names = Set(others)
        if let host = HostName(baseURL.host) { names.insert(host) }
    }

    public mutating func add(_ name: HostName) {
        names.insert(name)
    }

    public func contains(_ name: HostName) -> Bool { names.contains(name) }

    /// Whether a text such as the field `Host` names one of them.
    public func contains(_ text: String) -> Bool { HostName(text).map(names.contains) ?? false }

    /// In order, for people.
    public var list: String { names.map(\.description).sorted().joined(separator: ", ") }
}

/// Under which host a request was made.
struct RequestHost: Sendable, Hashable {
    /// As it was written; nil: the request names none.
    let text: String?
    /// A proxy that we do not trust says another host than the request has.
    let untrusted: String?

    /// - Parameters:
    ///   - host: the field `Host`.
    ///   - forwarded: all fields `X-Forwarded-Host`. Each proxy that does not replace them adds its own at the end.
    ///   - isFromTrustedProxy: whether the peer of the connection is a proxy of ours.
    init(host: String?, forwarded: [String], isFromTrustedProxy: Bool) {
        let named = forwarded.last?.split(separator: ",").last.map { $0.filter { $0 != " " && $0 != "\t" } }
        let last = named.flatMap { $0.isEmpty ? nil : $0 }
        text = isFromTrustedProxy ? last ?? host : host
        untrusted = isFromTrustedProxy ? nil : last
    }
}
