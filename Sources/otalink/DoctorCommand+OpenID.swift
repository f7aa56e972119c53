import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

extension DoctorCommand {
    /// Whether customers can sign in at the registered programs; nothing where there are none and none is needed.
    func openID(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "openid connect"
        do {
            let settings = try await surroundings.store.settings.read()
            let listed = try await surroundings.store.relyingParties.listed()
            let clients = listed.rows
            if listed.unreadable.isEmpty, clients.isEmpty, settings.landing != .openIDConnect { return [] }
            var findings = listed.unreadable.map { Finding(verdict: .failed, subject: subject, text: "\($0)") }
            if settings.landing == .openIDConnect, settings.link.plainURLWithPassword {
                findings.append(Finding(verdict: .doubtful, subject: subject, text: OpenIDAdvice.passwords))
            }
            if settings.landing == .page, !clients.isEmpty {
                findings.append(Finding(verdict: .doubtful, subject: subject, text: OpenIDAdvice.landing))
            }
            findings += [
                await Finding.of(subject) {
                    let desk = try surroundings.environment.deskTicketURL()
                    if let objection = OpenIDAdvice.objection(to: settings.landing, clients: clients, desk: desk) {
                        throw Advice(text: objection)
                    }
                    return "\(clients.count.counted("client")): \(clients.map(\.party.id).joined(separator: ", "))"
                },
                await Finding.of("signing keys") {
                    let ring = try surroundings.environment.keyRing()
                    let (now, keys) = try await surroundings.store.signingKeys.read()
                    let missing = keys.filter { ring.open($0.sealed, as: .signingKey, of: $0.timing.kid) == nil }
                    guard missing.isEmpty else {
                        throw Advice(
                            text:
                                "\(missing.count.counted("signing key is", "signing keys are")) sealed by secret keys that are not in the ring. Put those back, or, if "
                                + "they are lost: otalink oidc key rotate --compromised")
                    }
                    let state = ProviderKeys.schedule(settings).state(of: keys.map(\.timing), at: now)
                    guard state.signing != nil else {
                        return "none yet; the first sign-in makes one"
                    }
                    return "\(state.published.count) published"
                },
            ]
            return findings
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }
}

/// What is in the way of sign-ins by OpenID Connect.
enum OpenIDAdvice {
    /// Of a desk that sends everybody here.
    static let passwords =
        "Customers who have a password get the plain ticket URL, and are sent here, where no password helps, unless the desk has a form "
        + "for it. If it has none: otalink setting set PlainURLWithPassword 0"

    /// Of clients while customers land on our pages.
    static let landing =
        "Customers come to our page of the ticket, and a sign-in for that counts at no client. If they are to sign in at the clients: "
        + "otalink setting set Landing openid-connect"

    /// Nil when nothing is, else what to do.
    static func objection(to landing: Landing, clients: [RegisteredClient], desk: String) -> String? {
        switch landing {
        // Clients that customers cannot sign in at yet; `landing` says so.
        case .page: return nil
        case .openIDConnect:
            let origin = RedirectTarget.origin(of: desk)
            guard
                clients.contains(where: { $0.party.redirectURIs.contains { RedirectTarget.origin(of: $0) == origin } })
            else {
                return
                    "Customers come to the desk, but the desk is no client of ours. Register it: otalink oidc client add --help"
            }
            return nil
        case .forwardAuth: return nil
        }
    }
}
