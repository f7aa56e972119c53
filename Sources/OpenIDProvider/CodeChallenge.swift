import Crypto
import Foundation

/// Proof Key for Code Exchange (RFC 7636), S256 only.
public enum CodeChallenge {
    /// True when the verifier sent to the token endpoint fits the challenge that the code was made with.
    ///
    /// A verifier without a challenge is refused too: it shows that somebody stripped the challenge (RFC 9700, 4.8.2).
    public static func isMet(_ challenge: String?, by verifier: String?) -> Bool {
        switch (challenge, verifier) {
        case (nil, nil): return true
        case (let challenge?, let verifier?):
            guard isText(verifier, count: 43...128) else { return false }
            return Base64URL.encode(SHA256.hash(data: Data(verifier.utf8))) == challenge
        default: return false
        }
    }

    /// True when an authorization request carries the challenge that its client must send, or none where it may.
    static func isGood(
        _ parameters: FormParameters, of client: RelyingParty, type: AuthorizationRequest.ResponseType
    ) -> Bool {
        guard let challenge = parameters["code_challenge"] else {
            return parameters["code_challenge_method"] == nil && (type == .idToken || !client.needsPKCE)
        }
        // A missing method would mean "plain".
        return parameters["code_challenge_method"] == "S256" && isText(challenge, count: 43...43)
    }

    private static func isText(_ text: String, count: ClosedRange<Int>) -> Bool {
        count.contains(text.utf8.count) && text.utf8.allSatisfy(FormParameters.isUnreserved)
    }
}
