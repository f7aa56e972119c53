import Foundation

/// When signing keys are published, sign, and go (OpenID Connect Core, 10.1.1).
///
/// Clients keep the key set for a while, and refuse a token with a key they have not seen: a key is published
/// before it signs, and stays published after it.
public struct KeySchedule: Sendable, Hashable {
    /// Seconds from publishing a key to its first use; desks keep the key set for half an hour.
    public let lead: Int
    /// Seconds that a key signs.
    public let use: Int
    /// Seconds that a key stays published after its last use; longer than an ID token lives.
    public let keep: Int

    public init(daysOfUse: Int, lead: Int = 3_600, keep: Int = 86_400) {
        use = daysOfUse * 86_400
        self.lead = lead
        self.keep = keep
    }

    /// What is stored of a key.
    public struct StoredKey: Sendable, Hashable {
        public let kid: String
        public let publishedAt: Date
        public let firstUse: Date
        /// When somebody took it out of use by hand. A key that became known to others is deleted instead.
        public let retiredAt: Date?

        public init(kid: String, publishedAt: Date, firstUse: Date, retiredAt: Date? = nil) {
            self.kid = kid
            self.publishedAt = publishedAt
            self.firstUse = firstUse
            self.retiredAt = retiredAt
        }
    }

    /// What holds at a moment.
    public struct State: Sendable, Hashable {
        /// The key that signs; nil when there is none.
        public let signing: String?
        /// The keys in the key set, newest first.
        public let published: [String]
        /// Keys whose time is over: their rows can be deleted.
        public let expired: [String]
        /// Not nil when a key must be made now: the time of its first use.
        public let nextFirstUse: Date?
    }

    /// The state at a moment, the same on every replica that reads the same rows.
    public func state(of keys: [StoredKey], at now: Date) -> State {
        let ordered = keys.sorted { ($0.firstUse, $0.kid) > ($1.firstUse, $1.kid) }
        let usable = ordered.filter { $0.publishedAt <= now && $0.retiredAt.map { $0 > now } ?? true }
        // Without a key whose time has come, one signs before its time: better a client that has not seen it yet
        // than no sign-in at all. A key signs on when its successor is late.
        let signing = usable.first { $0.firstUse <= now } ?? usable.last
        var published: [String] = []
        var expired: [String] = []
        for (index, key) in ordered.enumerated() {
            let end = lastUse(of: key, successors: ordered[..<index]).map { $0.addingTimeInterval(Double(keep)) }
            if let end, end <= now {
                expired.append(key.kid)
            } else if key.publishedAt <= now {
                published.append(key.kid)
            }
        }
        return State(
            signing: signing?.kid, published: published, expired: expired,
            nextFirstUse: nextFirstUse(after: signing, isFollowed: usable.contains { $0.firstUse > now }, now: now))
    }

    /// When a key's successor started, or somebody retired it; nil while it signs or will sign.
    private func lastUse(of key: StoredKey, successors: ArraySlice<StoredKey>) -> Date? {
        let starts = successors.filter { $0.retiredAt.map { [firstUse = $0.firstUse] in $0 > firstUse } ?? true }
            .map(\.firstUse)
        return ([key.retiredAt].compactMap { $0 } + starts).min()
    }

    private func nextFirstUse(after signing: StoredKey?, isFollowed: Bool, now: Date) -> Date? {
        guard let signing else { return now }
        let end = signing.firstUse.addingTimeInterval(Double(use))
        guard !isFollowed, now >= end.addingTimeInterval(-Double(lead)) else { return nil }
        return max(end, now.addingTimeInterval(Double(lead)))
    }
}
