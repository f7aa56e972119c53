import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LinkStore
import OneTimeLinks
import Synchronization

/// Lets calls of the JSON interface in: by their key, its scope, and its allowance.
final class APIGate: Sendable {
    private let service: LinkServiceDependencies
    private let wrongKeys: GuessLimit
    private let allowance: APIAllowance
    /// Told of what is refused.
    let refused: RefusedCalls
    private let seen = Mutex(Seen())

    private struct Seen {
        /// Hashes of keys that counted when they came last. Who guesses from the same address does not get in their way.
        var good: Set<[UInt8]> = []
        /// Hashes of keys that have used up their allowance, and until when.
        var usedUp: [[UInt8]: ContinuousClock.Instant] = [:]
    }

    /// More keys than anybody has.
    private static let capacity = 10_000

    /// - Parameter guesses: wrong tokens and keys on all routes of this replica.
    init(_ service: LinkServiceDependencies, guesses: GuessLimit) {
        self.service = service
        refused = RefusedCalls(audit: service.store.audit)
        wrongKeys = guesses
        let use = service.store.apiUse
        allowance = APIAllowance { try await use.take(calls: $0, of: $1, apiKey: $2) }
    }

    /// The key that the request carries, as a bearer token or as the password of HTTP Basic.
    ///
    /// - Throws: `Problem` if there is none, if it lacks the scope, or if too many came.
    func authorise(
        _ request: Request, for scope: APIScope, _ context: LinkServiceContext
    ) async throws -> StoredAPIKey {
        guard let text = APIKeyText(request.headers[.authorization]) else { throw Self.noKey }
        let hash = Array(SHA256.hash(data: Data(text.text.utf8)))
        let (client, settings) = (context.facts(request).clientAddress ?? "", service.settings())
        let (isGood, usedUpUntil) = seen.withLock { ($0.good.contains(hash), $0.usedUp[hash]) }
        if let usedUpUntil, ContinuousClock.now < usedUpUntil {
            throw Self.tooMany(after: Int((usedUpUntil - .now).components.seconds) + 1)
        }
        if !isGood, let seconds = wrongKeys.secondsToWait(client, limit: settings.wrongTokensPerClientAndMinute) {
            throw Problem(
                .tooManyRequests, "Too many wrong API keys came from your address. Wait \(seconds) seconds.",
                code: "too-many-wrong-keys", headers: [.retryAfter: "\(seconds)"])
        }
        guard let key = try await service.store.apiKeys.find(hash: hash) else {
            wrongKeys.count(client)
            seen.withLock { _ = $0.good.remove(hash) }
            throw Self.noKey
        }
        guard key.counts(from: client) else {
            wrongKeys.count(client)
            context.logger.warning(
                "An API key came from a network where it does not count",
                metadata: ["apiKey": "\(key.name)", "client": "\(client)"])
            throw Problem(.forbidden, "This API key does not count from your address.", code: "foreign-network")
        }
        remember { $0.good.insert(hash) }
        if let seconds = try await allowance.secondsToWait(key.name, limit: settings.apiCallsPerMinute) {
            remember { $0.usedUp[hash] = .now + .seconds(seconds) }
            throw Self.tooMany(after: seconds)
        }
        guard key.scopes.contains(scope) else {
            throw Problem(.forbidden, "This API key lacks the scope \(scope.rawValue).")
        }
        return key
    }

    private func remember(_ body: (inout Seen) -> Void) {
        seen.withLock { seen in
            if seen.good.count >= Self.capacity || seen.usedUp.count >= Self.capacity { seen = Seen() }
            body(&seen)
        }
    }

    private static let noKey = Problem(
        .unauthorized, "An API key is needed: as a bearer token, or as the password of Basic.")

    private static func tooMany(after seconds: Int) -> Problem {
        Problem(
            .tooManyRequests, "This API key has made all the calls of this minute. Wait \(seconds) seconds.",
            code: "too-many-calls", headers: [.retryAfter: "\(seconds)"])
    }
}

extension StoredAPIKey {
    /// True if the key is bound to no network, or to one that the client is in.
    func counts(from client: String) -> Bool {
        networks.isEmpty || networks.contains { AddressRange($0)?.contains(client) == true }
    }
}

extension LinkServiceDependencies {
    /// How many tokens may be made with a key.
    func allowance(of key: StoredAPIKey) -> TokenAllowance {
        TokenAllowance(apiKey: key.name, perHour: settings().linksPerAPIKeyAndHour)
    }
}
