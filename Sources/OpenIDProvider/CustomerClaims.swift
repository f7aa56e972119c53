import Foundation

/// What a client may learn of a customer.
public struct CustomerFacts: Sendable, Hashable {
    /// Never changes, and is never an address (OpenID Connect Core, 2: `sub`).
    public let subject: String
    /// The customer's login at the desk.
    public let login: String?
    public let name: String?
    public let email: String?
    /// True when a link mailed to this address was followed.
    public let isEmailVerified: Bool
    /// A language tag (BCP 47), such as `de`.
    public let locale: String?
    /// The number of the ticket whose link signed the customer in.
    public let ticket: String?

    public init(
        subject: String, login: String? = nil, name: String? = nil, email: String? = nil,
        isEmailVerified: Bool = false, locale: String? = nil, ticket: String? = nil
    ) {
        self.subject = subject
        self.login = login
        self.name = name
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.locale = locale
        self.ticket = ticket
    }
}

/// A scope that a client can ask for (OpenID Connect Core, 5.4); others are ignored (3.1.2.1).
public enum Scope: String, Sendable, CaseIterable {
    case openid, profile, email
    /// The ticket whose link signed the customer in.
    case ticket = "otalink_ticket"
}

/// The answer of the userinfo endpoint (OpenID Connect Core, 5.3.2): `sub`, and what the scopes open.
///
/// The same claims stand in the ID token: desks read that and never ask here.
public struct CustomerClaims: Sendable, Hashable, Encodable {
    public let sub: String
    public let preferredUsername: String?
    public let name: String?
    public let locale: String?
    public let email: String?
    public let emailVerified: Bool?
    public let otalinkTicket: String?

    /// - Parameter scopes: those of the authorization request.
    public init(_ customer: CustomerFacts, scopes: Set<String>) {
        let opened = Set(scopes.compactMap(Scope.init))
        let hasProfile = opened.contains(.profile)
        sub = customer.subject
        preferredUsername = hasProfile ? customer.login : nil
        name = hasProfile ? customer.name : nil
        locale = hasProfile ? customer.locale : nil
        email = opened.contains(.email) ? customer.email : nil
        emailVerified = email.map { _ in customer.isEmailVerified }
        otalinkTicket = opened.contains(.ticket) ? customer.ticket : nil
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case sub, name, locale, email
        case preferredUsername = "preferred_username"
        case emailVerified = "email_verified"
        case otalinkTicket = "otalink_ticket"
    }
}
