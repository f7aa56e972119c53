import Foundation

/// What an authorization request that was found good leads to (OpenID Connect Core, 3.1.2.3 and 3.1.2.6).
public enum SignInDecision: Sendable, Hashable {
    /// The session does: send the answer.
    case answer
    /// Have the customer sign in, and note when that was asked.
    case signIn
    /// `prompt=none` allows no page: the error `login_required`.
    case loginRequired
    /// The customer was asked and came back without having signed in: a page that says how, and no further redirect.
    case page

    /// - Parameters:
    ///   - signedInAt: when the browser's session began; nil without a session.
    ///   - askedAt: when this same request first led to a sign-in; nil at its first coming.
    ///   - now: only `max_age` is measured by it.
    public static func decide(
        _ request: AuthorizationRequest, signedInAt: Date?, askedAt: Date?, now: Date
    ) -> SignInDecision {
        if let signedInAt, isGood(signedInAt, for: request, askedAt: askedAt, now: now) { return .answer }
        if request.prompts.contains(.none) { return .loginRequired }
        return askedAt == nil ? .signIn : .page
    }

    private static func isGood(_ signedInAt: Date, for request: AuthorizationRequest, askedAt: Date?, now: Date) -> Bool
    {
        // A sign-in made for this request is what every prompt wanted, `max_age=0` too. Asking again never ends.
        if let askedAt, signedInAt >= askedAt { return true }
        // Another account is another link: to choose one is to sign in. Consent was given by whoever registered
        // the client (OpenID Connect Core, 3.1.2.4).
        guard request.prompts.isDisjoint(with: [.login, .selectAccount]) else { return false }
        guard let maxAge = request.maxAge else { return true }
        // The same as `prompt=login` (OpenID Connect Core, 3.1.2.1).
        guard maxAge > 0 else { return false }
        return now.timeIntervalSince(signedInAt) <= TimeInterval(maxAge)
    }
}
