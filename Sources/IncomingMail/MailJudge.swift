import Foundation
import MailMessage
import OneTimeLinks

/// Judges mails by their header: the one place that says what a mail is worth, for the filter and for what the desk stores of
/// a mail that never passed it.
public struct MailJudge: Sendable {
    /// What a header says of its mail.
    public struct Finding: Hashable, Sendable {
        public var verdict: MailVerdict
        /// A program sent it, and why that is known.
        public var robot: RobotReason?
        /// Nobody can be named as the sender, and why.
        public var refusal: SenderRefusal?
        /// Who wrote it; nil: a program, or nobody can be named.
        public var sender: MailAddress?

        /// A short word for logs and the audit trail; holds nothing of the mail.
        public var reason: String {
            if let robot { return InboundOutcome.robot(robot).word }
            if let refusal { return InboundOutcome.noSender(refusal).word }
            return verdict.rawValue
        }
    }

    private let robots: RobotRule
    private let authentication: AuthenticationGate?

    public init(policy: InboundPolicy) {
        robots = RobotRule(ownAddresses: policy.ownAddresses, peoplesLists: policy.peoplesLists)
        authentication = policy.authentication
    }

    /// Judges a mail as it came in.
    ///
    /// - Parameters:
    ///   - envelopeSender: what the mail server said; empty: a bounce; nil: unknown.
    ///   - isOwnMail: its Message-ID is that of a mail of ours.
    public func judge(_ header: HeaderBlock, envelopeSender: String?, isOwnMail: Bool) -> Finding {
        var finding = judgeSender(header, envelopeSender: envelopeSender, isOwnMail: isOwnMail)
        guard finding.verdict == .person, let sender = finding.sender else { return finding }
        if let authentication, !authentication.isPassed(header, sender: sender) {
            finding.verdict = .unauthenticated
        } else if RobotRule.wantsNoAutomaticAnswer(header) {
            finding.verdict = .quiet
        }
        return finding
    }

    /// Judges a mail by the few fields that the desk stores; whether the sender was authenticated they do not say.
    public func judgeStored(_ header: HeaderBlock, isOwnMail: Bool) -> Finding {
        var finding = judgeSender(header, envelopeSender: nil, isOwnMail: isOwnMail)
        if finding.verdict == .person, authentication != nil { finding.verdict = .unverified }
        return finding
    }

    /// Why an address is none of a person's; nil if it may be.
    public func reason(forAddress text: String) -> RobotReason? {
        (try? MailAddress(text)).flatMap(robots.reason(forAddress:))
    }

    private func judgeSender(_ header: HeaderBlock, envelopeSender: String?, isOwnMail: Bool) -> Finding {
        if isOwnMail { return Finding(verdict: .robot, robot: .ownMail) }
        if let reason = robots.reason(for: header, envelopeSender: envelopeSender) {
            return Finding(verdict: .robot, robot: reason)
        }
        switch SenderRule.verdict(for: header) {
        case .sender(let sender): return Finding(verdict: .person, sender: sender)
        case .refused(let refusal): return Finding(verdict: .noSender, refusal: refusal)
        }
    }
}

extension HeaderBlock {
    /// How many fields of one name are looked at where one is enough.
    private static let fewFields = 4

    /// The Message-IDs that could be those of a mail of ours.
    var ownMessageIDs: [OwnMessageID] {
        fields(named: "Message-ID").prefix(Self.fewFields).compactMap { OwnMessageID($0.value) }
    }

    /// Gives the mail a Message-ID unless it has one that every reader stores alike, and answers the one that it has then.
    mutating func identified() throws(HeaderFieldError) -> String {
        let fields = fields(named: "Message-ID")
        if fields.count == 1, let field = fields.first, field.isPlainlySpelled {
            let id = MailKey.canonical(messageID: field.value)
            // The desk decodes encoded words, and cuts what is longer than its column.
            let isPlain = id.utf8.count <= 1_000 && id.utf8.allSatisfy { $0 < 0x7F } && !id.contains("=?")
            if !id.isEmpty, isPlain { return id }
        }
        let id = "\(UUID.version7().text)@otalink.invalid"
        try set("Message-ID", to: "<\(id)>")
        return id
    }

    /// Every word in the `From` fields that could be an address to a reader, canonical; a mail that names nobody for certain is
    /// remembered under each.
    var addressesInFrom: Set<String> {
        let words = fields(named: "From").prefix(Self.fewFields).flatMap { field in
            field.value.prefix(10_000).split { "<>()[]{}\"',;: \t".contains($0) }
        }
        return Set(words.filter { $0.contains("@") }.prefix(20).map { AddressIdentity.canonical(String($0)) })
    }
}
