import Foundation
import MailMessage
import OneTimeLinks

/// Whether our own mail server vouches for the sender of a mail, by the `Authentication-Results` fields (RFC 8601) that it put
/// on top.
///
/// Only the topmost of these fields count, as long as they are our server's and no `Received` lies between them: what stands
/// below may have come with the mail. They count together, since OpenDMARC and what checks SPF write a field each.
public struct AuthenticationGate: Sendable, Hashable {
    /// The authserv-id of our mail server; nil: only fields without a name count.
    public let server: String?
    /// Microsoft 365 writes fields without a name.
    public let takesUnnamed: Bool

    /// More fields, or longer ones, than a mail server writes.
    private static let mostFields = 10
    private static let longestField = 16_384

    /// Nil for an empty name and no fields without one, which means that nothing is asked for.
    public init?(server: String, takesUnnamed: Bool = false) {
        let name = server.split(whereSeparator: \.isWhitespace).first.map { AddressIdentity.canonical(String($0)) }
        guard name != nil || takesUnnamed else { return nil }
        self.server = name
        self.takesUnnamed = takesUnnamed
    }

    /// True if DMARC passed for the sender's domain, or where our server reports no DMARC, if SPF or DKIM passed for a domain
    /// of the same organisation.
    ///
    /// - Parameter suffixes: nil: only equal domains are of the same organisation.
    public func isPassed(
        _ header: HeaderBlock, sender: MailAddress, suffixes: PublicSuffixList? = .installed
    ) -> Bool {
        let findings = findings(header)
        let alignment = Alignment(domain: sender.domain, suffixes: suffixes)
        // Microsoft's "bestguesspass" means that the domain publishes no policy.
        let dmarc = findings.filter { $0.method == "dmarc" && !["none", "bestguesspass"].contains($0.result) }
        guard dmarc.isEmpty else {
            // One that failed, or could not be found out, is never outvoted.
            return dmarc.allSatisfy { $0.result == "pass" && alignment.holds(for: $0.properties["header.from"]) }
        }
        return findings.contains { finding in
            guard finding.result == "pass" else { return false }
            return switch finding.method {
            case "spf": alignment.holds(for: finding.properties["smtp.mailfrom"])
            case "dkim": alignment.holds(for: finding.properties["header.d"] ?? finding.properties["header.i"])
            default: false
            }
        }
    }

    private func findings(_ header: HeaderBlock) -> [AuthenticationResults.Finding] {
        var fields = 0
        var findings: [AuthenticationResults.Finding] = []
        for field in header.fields where field.kind == .field {
            let name = field.lenientName
            if fields > 0, Self.cameWithTheMail(name) { break }
            guard name == "authentication-results" else { continue }
            guard field.isPlainlySpelled, field.bytes.count <= Self.longestField,
                let results = AuthenticationResults(parsing: field.value), isOurs(results)
            else { break }
            fields += 1
            guard fields <= Self.mostFields else { return [] }
            findings += results.findings
        }
        return findings
    }

    /// Whether a field was in the mail before it came to our server: what stands below one may be of the sender's making.
    private static func cameWithTheMail(_ name: String) -> Bool {
        name.hasPrefix("content-") || fieldsOfSenders.contains(name)
    }

    private static let fieldsOfSenders: Set = [
        "received", "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to",
        "references",
        "mime-version", "dkim-signature",
    ]

    private func isOurs(_ results: AuthenticationResults) -> Bool {
        guard let named = results.server else { return takesUnnamed }
        return AddressIdentity.canonical(named) == server
    }
}

/// Whether a domain belongs to the organisation of the sender's.
private struct Alignment {
    let domain: String
    let organisation: String?
    let suffixes: PublicSuffixList?

    init(domain: String, suffixes: PublicSuffixList?) {
        self.domain = domain
        self.suffixes = suffixes
        organisation = suffixes?.organisation(of: domain)
    }

    /// - Parameter found: a domain, or an address of which the domain counts.
    func holds(for found: String?) -> Bool {
        // Read as the sender's own domain was, so that both are spelled alike.
        guard let text = found?.split(separator: "@").last, let other = try? MailAddress("x@\(text)").domain else {
            return false
        }
        guard other != domain else { return true }
        return organisation != nil && suffixes?.organisation(of: other) == organisation
    }
}
