import CGMime

/// A mailbox that a mail server will take mail for: a local part and a domain, in the one form by which people are
/// told apart, and the name that the sender gave.
///
/// The canonical form is ASCII: the domain in A-labels (RFC 5890), everything in ASCII lower case. Two addresses are
/// the same if their canonical forms are the same bytes. Unicode case folding and collation never take part, so
/// that a Kelvin sign is no `k` and a dotless i no `i`.
///
/// Only what can be mailed back to is accepted: the local part is a dot-string (RFC 5321, section 4.1.2; quotation
/// marks that are not needed are taken off), the domain has two labels at least. Two things are added that old mail
/// systems gave to their users and mail servers and the desk take: dots that are doubled, and a dot before the `@`. Two
/// are left out: `*`, which the desk's searches take for any text, and `%`, which is a wildcard of SQL and an old way to
/// name a relay. Local parts outside ASCII (RFC 6531) are refused, since few desks and relays can send to them.
public struct MailAddress: Sendable, Hashable {
    /// The name that stood beside the address, decoded, without control characters; never blank.
    public let displayName: String?

    /// What stands before the `@`, in ASCII lower case.
    public let local: String

    /// What stands after the `@`, in A-labels and lower case.
    public let domain: String

    /// The canonical form, `local@domain`, at most 254 characters.
    public var address: String { "\(local)@\(domain)" }

    /// Reads an address as it stands between angle brackets.
    ///
    /// - Parameters:
    ///   - text: The address alone, for example `Jane.Doe@example.org`.
    ///   - displayName: A decoded name. A blank one counts as none.
    public init(_ text: String, displayName: String? = nil) throws(AddressDefect) {
        guard text.utf8.count <= MailAddress.longestText else { throw .addressTooLong }
        let (localPart, domainPart) = try MailAddress.split(text)
        local = try MailAddress.canonicalLocal(localPart)
        domain = try MailAddress.canonicalDomain(domainPart)
        guard local.utf8.count <= 64 else { throw .localPartTooLong }
        guard local.utf8.count + 1 + domain.utf8.count <= 254 else { throw .addressTooLong }
        self.displayName = displayName.flatMap(MailAddress.visibleName)
    }

    /// The same mailbox under another name, or none.
    public func named(_ displayName: String?) -> MailAddress {
        MailAddress(local: local, domain: domain, displayName: displayName.flatMap(MailAddress.visibleName))
    }

    /// What can have a canonical form of 254 characters, in bytes, with room to spare: the encoder of domains takes time in
    /// proportion to the square of a label.
    private static let longestText = 2_000

    private init(local: String, domain: String, displayName: String?) {
        self.local = local
        self.domain = domain
        self.displayName = displayName
    }
}

/// Why mail to an address would not arrive, or might arrive somewhere else than it seems.
public enum AddressDefect: String, Error, Sendable, CaseIterable {
    /// There is nothing before the `@`, or nothing at all.
    case missingLocalPart
    /// There is no `@`, or nothing after it.
    case missingDomain
    /// More than one `@`.
    case severalAtSigns
    /// White space or a control character within the address.
    case whiteSpace
    /// A route before the address, `@relay.example:jane@example.org`.
    case sourceRoute
    /// The local part is no dot-string: a dot at the start, quotation marks that are needed, characters that need them, a
    /// wildcard, a leading hyphen (which Postfix refuses by default).
    case invalidLocalPart
    /// The local part holds characters outside ASCII.
    case internationalLocalPart
    /// More than 64 characters before the `@`.
    case localPartTooLong
    /// More than 254 characters.
    case addressTooLong
    /// An IP address in square brackets in place of a domain.
    case domainLiteral
    /// The domain is no host name, or has no A-label form that leads back to what was written.
    case invalidDomain
    /// The domain has one label only, or lies under a name that leads nowhere outside the sender's own machine
    /// (`localhost`, `localdomain`, `invalid`).
    case unreachableDomain
}

// MARK: - Canonical form

extension MailAddress {
    /// The characters of an atom beside letters and digits (RFC 5322, section 3.2.3), without the wildcards.
    private static let atomSymbols = Set("!#$&'+-/=?^_`{|}~".utf8)
    private static let unreachableDomains: Set<String> = ["localhost", "localdomain", "invalid"]

    private static func split(_ text: String) throws(AddressDefect) -> (local: String, domain: String) {
        guard !text.isEmpty else { throw .missingLocalPart }
        guard
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control })
        else { throw .whiteSpace }
        guard !text.hasPrefix("@") else { throw text.contains(":") ? .sourceRoute : .missingLocalPart }
        guard let at = text.lastIndex(of: "@") else { throw .missingDomain }
        let local = String(text[..<at])
        guard !local.contains("@") || local.hasPrefix("\"") else { throw .severalAtSigns }
        return (local, String(text[text.index(after: at)...]))
    }

    private static func canonicalLocal(_ text: String) throws(AddressDefect) -> String {
        var local = text.utf8[...]
        if local.count >= 2, local.first == UInt8(ascii: "\""), local.last == UInt8(ascii: "\"") {
            local = local.dropFirst().dropLast()
        }
        guard local.allSatisfy({ $0 < 0x80 }) else { throw .internationalLocalPart }
        let atoms = local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard atoms.first?.isEmpty == false, atoms.allSatisfy({ $0.allSatisfy(isAtomCharacter) }),
            local.first != UInt8(ascii: "-")
        else {
            throw .invalidLocalPart
        }
        return String(decoding: local.map(\.asciiLowercased), as: UTF8.self)
    }

    static func isAtomCharacter(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || atomSymbols.contains(byte)
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let lowercased = byte.asciiLowercased
        return (lowercased >= UInt8(ascii: "a") && lowercased <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }

    private static func canonicalDomain(_ text: String) throws(AddressDefect) -> String {
        guard !text.isEmpty else { throw .missingDomain }
        guard !text.hasPrefix("[") else { throw .domainLiteral }
        let domain = text.utf8.allSatisfy { $0 < 0x80 } ? text.asciiLowercased : try asciiDomain(text)
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard domain.utf8.count <= 253, labels.allSatisfy({ isHostLabel($0.utf8) }) else { throw .invalidDomain }
        guard let last = labels.last, labels.count > 1, !unreachableDomains.contains(String(last)) else {
            throw .unreachableDomain
        }
        // A name whose last label is a number is an IPv4 address to most software.
        guard !last.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            throw .invalidDomain
        }
        if labels.contains(where: { $0.hasPrefix("xn--") }) {
            guard let unicode = hostname(domain, through: cgmime_hostname_to_unicode), unicode != domain,
                hostname(unicode, through: cgmime_hostname_to_ascii) == domain
            else { throw .invalidDomain }
        }
        return domain
    }

    private static func isHostLabel(_ label: Substring.UTF8View) -> Bool {
        guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// The A-label form of a domain, if it leads back to the same characters apart from upper and lower case.
    ///
    /// The mapping would also turn full-width letters, ligatures and the Kelvin sign into ASCII letters, which makes
    /// two spellings of one domain that do not look alike: those are refused.
    private static func asciiDomain(_ text: String) throws(AddressDefect) -> String {
        var lowercased = ""
        for scalar in text.unicodeScalars {
            let small = scalar.properties.lowercaseMapping
            guard scalar.isASCII || small.unicodeScalars.allSatisfy({ !$0.isASCII }) else { throw .invalidDomain }
            lowercased += small
        }
        guard let ascii = hostname(text, through: cgmime_hostname_to_ascii),
            let unicode = hostname(ascii, through: cgmime_hostname_to_unicode)
        else { throw .invalidDomain }
        // Swift compares strings by canonical equivalence, so composed and decomposed letters count as the same.
        guard unicode == lowercased else { throw .invalidDomain }
        return ascii.asciiLowercased
    }

    private static func hostname(
        _ name: String, through convert: (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>?
    ) -> String? {
        guard let converted = convert(name) else { return nil }
        defer { cgmime_release(converted) }
        return String(cString: converted)
    }
}

// MARK: - Names

extension MailAddress {
    /// The name without control characters and white space around it, or `nil` if nothing in it can be seen.
    static func visibleName(_ name: String) -> String? {
        let words = name.withoutControlCharacters.split(whereSeparator: \.isWhitespace)
        guard words.contains(where: { $0.unicodeScalars.contains(where: isVisible) }) else { return nil }
        return words.joined(separator: " ")
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator,
            .nonspacingMark, .enclosingMark:
            false
        default:
            !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
        }
    }
}
