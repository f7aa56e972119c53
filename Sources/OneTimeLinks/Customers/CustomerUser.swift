import Foundation

/// What the rules need to know of a customer user.
public struct CustomerUser: Hashable, Sendable {
    /// The name the ticket system knows the person by; compared byte for byte.
    public var login: String
    /// Where links for this person are mailed to, and nowhere else.
    public var email: String
    public var customerID: String
    public var firstName: String
    public var lastName: String
    /// False when the account was switched off.
    public var isValid: Bool
    /// Whoever has a password can sign in at the desk and needs no link.
    public var hasPassword: Bool
    /// Stored preference `UserLanguage`, such as `de`; nil when there is none.
    public var language: String?
    /// The customer backend that has the account; empty: our own.
    public var backend: String

    public init(
        login: String, email: String, customerID: String, firstName: String, lastName: String, isValid: Bool = true,
        hasPassword: Bool = false, language: String? = nil, backend: String = ""
    ) {
        self.login = login
        self.email = email
        self.customerID = customerID
        self.firstName = firstName
        self.lastName = lastName
        self.isValid = isValid
        self.hasPassword = hasPassword
        self.language = language
        self.backend = backend
    }
}

/// Mail addresses compared as identities: ASCII letters without regard to case, all else byte for byte.
///
/// Unicode case folding is never used: it makes different mailboxes look alike (`ſ` and `s`, the Kelvin sign and `k`).
public enum AddressIdentity {
    /// The address with its ASCII letters in lower case.
    public static func canonical(_ address: String) -> String {
        String(decoding: address.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// True when both texts name one mailbox.
    public static func isSame(_ left: String, _ right: String) -> Bool {
        canonical(left).utf8.elementsEqual(canonical(right).utf8)
    }
}

extension CustomerUser {
    /// Stands for a name that is not known, where one of the two is.
    public static let noName = "-"

    /// The name for people; empty when none is known. Accounts that an earlier release made from a single word carry it twice.
    public var fullName: String {
        let parts = firstName == lastName ? [firstName] : [firstName, lastName]
        return parts.filter { !$0.isEmpty && $0 != Self.noName }.joined(separator: " ")
    }

    /// What pages call the person: the name, or the address where none is known.
    public var shownName: String { fullName.isEmpty ? email : fullName }
}
