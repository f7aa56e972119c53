import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

/// The act of putting together what clients may learn of somebody who is signed in, and of signing it.
struct IdentifyCustomer: Sendable {
    /// Seconds that an ID token holds: clients read it at once, and then have a session of their own.
    private static let idTokenLifetime = 600

    let issuer: String
    let subjects: Subjects
    let keys: ProviderKeys

    /// What the scopes open of the customer.
    func claims(of signedIn: SignedIn, scopes: Set<String>) async throws -> CustomerClaims {
        let customer = signedIn.customer
        let facts = try await subjects.facts(login: customer.login, link: signedIn.link)
        return CustomerClaims(
            CustomerFacts(
                subject: facts.subject, login: customer.login,
                name: customer.fullName.isEmpty ? nil : customer.fullName, email: customer.email,
                isEmailVerified: facts.mailedTo.map { AddressIdentity.isSame($0, customer.email) } ?? false,
                // The desk writes pt_BR, clients read pt-BR.
                locale: customer.language?.replacing("_", with: "-"), ticket: signedIn.sessionTicket?.text),
            scopes: scopes)
    }

    /// A signed ID token.
    ///
    /// - Parameter accessToken: the one that goes out beside it.
    func idToken(
        of signedIn: SignedIn, for clientID: String, scopes: Set<String>, nonce: String?, accessToken: String?,
        settings: Settings
    ) async throws -> String {
        let customer = try await claims(of: signedIn, scopes: scopes)
        let (key, now) = try await keys.signing(settings)
        let claims = IDTokenClaims(
            issuer: issuer, audience: clientID, customer: customer,
            signIn: .init(at: signedIn.signedInAt, sessionID: signedIn.session.text), nonce: nonce,
            accessToken: accessToken, now: now, lifetime: Self.idTokenLifetime)
        return try JSONWebToken.sign(claims, with: key)
    }
}
