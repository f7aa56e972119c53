import Crypto
import Foundation
import Hummingbird
import OneTimeLinks

/// A client's request that waits in the browser while the customer signs in.
///
/// It is kept in a signed cookie rather than in a row: whoever is not signed in yet writes nothing to the database, and a request
/// that nobody comes back to leaves nothing behind. The cookie names the time at which the sign-in was asked for, so that
/// `prompt=login` is met by a sign-in after it and never asks twice.
struct SignInFlow: Sendable {
    /// Seconds that a request goes on by itself after the sign-in. OTOBO remembers its own side of it for 300; later, the
    /// customer begins anew at the desk.
    private static let freshness: TimeInterval = 240
    /// Seconds that the time of asking is remembered.
    private static let memory = 3_600
    /// Browsers keep cookies of four kilobytes. Of a longer request the digest is kept; it does not go on by itself.
    private static let longestRequest = 3_500

    private let name: String
    private let isSecure: Bool
    private let authorizePath: String
    private let keys: KeyRing

    init(baseURL: BaseURL, keys: KeyRing) {
        name = (baseURL.isSecure ? "__Host-" : "") + "otalink-flow"
        isSecure = baseURL.isSecure
        authorizePath = baseURL.pathPrefix + OpenIDController.authorizePath
        self.keys = keys
    }

    /// When this very request first led to a sign-in; nil: it did not, or too long ago.
    func askedAt(_ request: Request, encoded: String) -> Date? {
        guard let kept = kept(request), kept.digest == Self.digest(encoded),
            Date().timeIntervalSince(kept.askedAt) < TimeInterval(Self.memory)
        else { return nil }
        return kept.askedAt
    }

    /// Where the request goes on once the customer is signed in, if there is one and it is fresh.
    func waiting(_ request: Request) -> String? {
        guard let kept = kept(request), !kept.encoded.isEmpty,
            Date().timeIntervalSince(kept.askedAt) < Self.freshness
        else { return nil }
        return "\(authorizePath)?\(kept.encoded)"
    }

    /// Keeps a request in the browser.
    ///
    /// - Parameter encoded: in the one spelling.
    func keep(_ encoded: String, askedAt: Date, in response: inout Response) {
        let milliseconds = Int((askedAt.timeIntervalSince1970 * 1000).rounded(.down))
        let body = encoded.utf8.count <= Self.longestRequest ? encoded : ""
        let kept = "\(milliseconds).\(Self.digest(encoded)).\(body)"
        let code = keys.code(over: Array(kept.utf8), as: .flow).hexadecimal
        response.setCookie(cookie("\(code).\(kept)", maxAge: Self.memory))
    }

    /// The request was answered.
    func forget(in response: inout Response) {
        response.setCookie(cookie("", maxAge: 0))
    }

    private struct Kept {
        let askedAt: Date
        let digest: String
        /// Empty: it was too long.
        let encoded: String
    }

    private func kept(_ request: Request) -> Kept? {
        guard let text = request.cookies[name]?.value else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let code = [UInt8](hexadecimal: String(parts[0])),
            keys.isAuthentic(code, over: Array(parts[1].utf8), as: .flow)
        else { return nil }
        let fields = parts[1].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, let milliseconds = Int(fields[0]) else { return nil }
        return Kept(
            askedAt: Date(timeIntervalSince1970: TimeInterval(milliseconds) / 1000), digest: String(fields[1]),
            encoded: String(fields[2]))
    }

    private static func digest(_ encoded: String) -> String {
        [UInt8](SHA256.hash(data: Data(encoded.utf8)).prefix(16)).hexadecimal
    }

    private func cookie(_ value: String, maxAge: Int) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: maxAge, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
    }
}
