import MailMessage
import OneTimeLinks
import Foundation

/// Who was authenticated, as our own mail server wrote it into the topmost `Authentication-Results` field (RFC 8601).
///
/// Only the topmost field counts, and only if it names our server: whatever stands below may have come with the mail.
public struct AuthenticationGate: Sendable, Hashable {
    /// The authserv-id of our mail server.
    public let server: String

    /// Nil for an empty name, which means that nothing is asked for.
    public init?(server: String) {
        let name = server.split(whereSeparator: \.isWhitespace).first.map { AddressIdentity.canonical(String($0)) }
        guard let name, !name.isEmpty else { return nil }
        self.server = name
    }

    /// A longer field says nothing that is believed, in bytes: no mail server of ours writes one.
    private static let longestField = 16_384

    /// True if DMARC passed, or SPF or DKIM passed for the sender's own domain or one above or below it.
    public func isPassed(_ header: HeaderBlock, sender: MailAddress) -> Bool {
        guard let field = header.first(named: "Authentication-Results"), field.isPlainlySpelled,
            field.bytes.count <= Self.longestField
        else { return false }
        let parts = Self.withoutComments(AddressIdentity.canonical(field.value)).split(separator: ";")
        // The name may be followed by a version.
        guard let first = parts.first, first.split(whereSeparator: \.isWhitespace).first.map(String.init) == server
        else {
            return false
        }
        return parts.dropFirst().contains { isPassed($0, domain: sender.domain) }
    }

    private func isPassed(_ result: Substring, domain: String) -> Bool {
        let words = result.split(whereSeparator: \.isWhitespace)
        guard let method = words.first else { return false }
        func property(_ name: String) -> String? {
            words.first { $0.hasPrefix(name + "=") }.map { word in
                let value = word.dropFirst(name.count + 1).trimmingCharacters(in: ["\""])
                return value.split(separator: "@").last.map(String.init) ?? ""
            }
        }
        switch method {
        case "dmarc=pass": return true
        case "spf=pass": return property("smtp.mailfrom").map { isAligned($0, domain) } ?? false
        case "dkim=pass":
            return (property("header.d") ?? property("header.i")).map { isAligned($0, domain) } ?? false
        default: return false
        }
    }

    private func isAligned(_ found: String, _ domain: String) -> Bool {
        found == domain || (found.contains(".") && (found.hasSuffix("." + domain) || domain.hasSuffix("." + found)))
    }

    private static func withoutComments(_ text: String) -> String {
        var depth = 0
        return text.filter { character in
            if character == "(" { depth += 1 }
            defer { if character == ")", depth > 0 { depth -= 1 } }
            return depth == 0
        }
    }
}
