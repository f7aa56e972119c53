/// What OpenSSL's words say about a handshake that failed.
enum TLSFailure {
    /// Our own words for a peer that waits for the rest of what it takes for a request.
    static let noAnswer = "the peer did not answer the handshake"

    /// The first bytes of a peer that speaks plain text are read as a record of TLS, and its version or length as nonsense.
    static func isPlainPort(_ reason: String) -> Bool {
        [noAnswer, "wrong version number", "packet length too long", "http request", "record layer failure"].contains {
            reason.lowercased().contains($0)
        }
    }
}
