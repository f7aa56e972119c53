import Foundation
import LinkStore
import OneTimeLinks

/// What an operator is told about a program of the desk whose key is refused.
enum KeyRefusalAdvice {
    /// A program that calls the service with a key.
    struct Caller: Sendable {
        let scope: APIScope
        /// A name for its key.
        let name: String
        /// Where its key belongs.
        let place: String

        static let desk = Caller(
            scope: .deskEvents, name: "desk", place: "into the web service as the password of its requester")
        static let outgoingMail = Caller(
            scope: .outboundMail, name: "desk-mail", place: "into the file of OTALINK_API_KEY_FILE on the desk's host")
        static let incomingMail = Caller(
            scope: .inboundMail, name: "mail-in", place: "where the program that hands mails in reads it")

        var creation: String { "otalink api-key create \(name) --scope \(scope.rawValue)" }
    }

    static func words(_ refusal: LastRefusal) -> String {
        "\(refusal.at.ISO8601Format()) from \(refusal.clientAddress ?? "an unknown address"): \(refusal.reason ?? "-")"
    }

    /// The end of a sentence, and what to do.
    static func remedy(_ refusal: LastRefusal, for caller: Caller) -> String {
        switch refusal.reason {
        case "no-valid-key", "too-many-wrong-keys": return ". Put the key of '\(caller.creation)' \(caller.place)."
        case "missing-scope":
            return
                ". The key lacks the scope \(caller.scope.rawValue). Put that of '\(caller.creation)' \(caller.place)."
        case "foreign-network":
            let address = refusal.clientAddress ?? "ADDRESS"
            return
                ". The key counts only from the networks that 'otalink api-key list' shows. If the program runs at \(address), put "
                + "the key of '\(caller.creation) --from \(address)' \(caller.place). If \(address) is a load balancer of yours, name "
                + "it in OTALINK_TRUSTED_PROXIES."
        case "outside-base-url":
            return ". The address lacks the path of OTALINK_BASE_URL. "
                + (caller.scope == .deskEvents
                    ? "Import the web service again, with the Host that 'otalink desk config --web-service' prints."
                    : "Put the path into the address that the program calls: for otalink, OTALINK_SERVICE_URL.")
        case "too-many-calls": return ". See the setting \(SettingName.apiCallsPerMinute)."
        default: return "."
        }
    }
}

extension DoctorCommand {
    /// Whether the desk's mails are refused for their key. No refusal within a week is no row.
    func outgoingMail(_ surroundings: Surroundings) async -> [Finding] {
        await refusals(
            .outgoingMail, caller: .outgoingMail, subject: "outgoing mail",
            what: "Links for mails of the desk (otalink mail outbound)", surroundings)
            + refusals(
                .incomingMail, caller: .incomingMail, subject: "incoming mail over the API",
                what: "Mails to be filtered", surroundings)
    }

    private func refusals(
        _ call: RefusedCall, caller: KeyRefusalAdvice.Caller, subject: String, what: String,
        _ surroundings: Surroundings
    ) async -> [Finding] {
        do {
            guard let refusal = try await surroundings.store.audit.lastRefusal(of: call) else { return [] }
            let used = try await surroundings.store.apiKeys.listed().rows.filter {
                $0.revokedAt == nil && $0.scopes.contains(caller.scope)
            }.compactMap(\.lastUsedAt).max()
            // A key that came from a foreign network counts as used then, once a minute, as its refusals are told.
            let slack: TimeInterval = refusal.reason == "foreign-network" ? 90 : 0
            let isOver = used.map { $0 > refusal.at + slack } ?? false
            return [
                Finding(
                    verdict: isOver ? .good : .failed, subject: subject,
                    text: "\(what) were refused, the last one \(KeyRefusalAdvice.words(refusal))"
                        + (isOver
                            ? "; a key of the scope \(caller.scope.rawValue) was taken since"
                            : KeyRefusalAdvice.remedy(refusal, for: caller)))
            ]
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }
}
