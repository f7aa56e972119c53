import CGMime

/// Whether a mail was sent by a program rather than by a person who waits for an answer.
///
/// Programs make no customer users. A mail counts as a program's if
///
/// - its envelope sender is empty, as that of every bounce: `<>` given by the mail server (or `MAILER-DAEMON`, which
///   Postfix passes to commands in its place), in `Return-Path`, or in the envelope line;
/// - it is a report (`multipart/report` of any kind, RFC 6522; delivery status, RFC 3464; Exim's `X-Failed-Recipients`);
/// - `Auto-Submitted` says anything but `no` (RFC 3834, section 5), or an older mark of automatic answers is there
///   (`X-Autoreply`, `X-Autorespond`);
/// - a mailing list sent it (any `List-*` field of RFC 2369 or RFC 2919, or what came before them);
/// - `Precedence` says `bulk`, `list`, `junk` or `auto_reply`;
/// - it was marked against loops by a program (`X-Loop`, `X-No-Loop`), which the desk treats alike;
/// - the sender is one of the desk's own addresses;
/// - the sender's local part says that nobody reads there: `mailer-daemon`, `postmaster`, `noreply` and its spellings.
///
/// `X-Auto-Response-Suppress` alone marks nothing: Exchange puts it on mails that people write.
public struct RobotRule: Sendable {
    /// The canonical addresses of the desk itself, see ``MailAddress/address``.
    public let ownAddresses: Set<String>

    /// A rule for a desk with these addresses.
    public init(ownAddresses: Set<String> = []) {
        self.ownAddresses = ownAddresses
    }

    /// Why the mail counts as a program's, or `nil` if it does not. The first reason in the order of the list above.
    ///
    /// - Parameters:
    ///   - header: The header section of the mail.
    ///   - envelopeSender: What the mail server said, `""` and `<>` being the empty sender; `nil` if it said nothing.
    public func reason(for header: HeaderBlock, envelopeSender: String? = nil) -> RobotReason? {
        if RobotRule.isEmptySender(envelopeSender) || RobotRule.hasEmptyReturnPath(header) {
            return .emptyEnvelopeSender
        }
        if RobotRule.isReport(header) { return .report }
        if RobotRule.isAutomatic(header) { return .automaticAnswer }
        if RobotRule.listFields.contains(where: { header.first(named: $0) != nil }) { return .mailingList }
        if RobotRule.hasBulkPrecedence(header) { return .bulk }
        if RobotRule.loopFields.contains(where: { header.first(named: $0) != nil }) { return .loop }
        guard case .sender(let sender) = SenderRule.verdict(for: header) else { return nil }
        if ownAddresses.contains(sender.address) { return .ownAddress }
        return RobotRule.isUnattended(sender.local) ? .unattendedAddress : nil
    }
}

/// Why a mail counts as a program's. The raw value is the word for the log and the audit trail.
public enum RobotReason: String, Sendable, CaseIterable {
    /// The envelope sender is empty, so nothing may be answered.
    case emptyEnvelopeSender = "empty-envelope-sender"
    /// A bounce, a delivery report, a read receipt or a complaint report.
    case report
    /// An automatic answer or an automatically made mail.
    case automaticAnswer = "automatic-answer"
    /// It came through a mailing list.
    case mailingList = "mailing-list"
    /// Sent in bulk.
    case bulk
    /// Marked against loops.
    case loop
    /// The desk wrote it.
    case ownAddress = "own-address"
    /// Nobody reads at the sender's address.
    case unattendedAddress = "unattended-address"
}

extension RobotRule {
    private static let listFields = [
        "List-Id", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post",
        "List-Owner", "List-Archive", "Mailing-List", "X-Mailing-List", "X-BeenThere", "X-Mailman-Version",
    ]
    private static let answerFields = ["X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Autoresponder"]
    private static let loopFields = ["X-Loop", "X-No-Loop"]
    private static let bulkPrecedences: Set<String> = ["bulk", "list", "junk", "auto_reply"]
    private static let reportTypes: Set<String> = [
        "multipart/report", "message/delivery-status", "message/disposition-notification", "message/feedback-report",
        "message/global-delivery-status", "message/global-disposition-notification",
    ]
    private static let unattendedNames = [
        "mailer-daemon", "postmaster", "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply",
        "do_not_reply", "do.not.reply", "nicht-antworten",
    ]

    private static func isEmptySender(_ sender: String?) -> Bool {
        guard let sender else { return false }
        let bare = sender.utf8.filter { !$0.isWhiteSpace && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        let local = bare.prefix { $0 != UInt8(ascii: "@") }.map(\.asciiLowercased)
        return bare.isEmpty || local.elementsEqual("mailer-daemon".utf8)
    }

    private static func hasEmptyReturnPath(_ header: HeaderBlock) -> Bool {
        if header.fields(named: "Return-Path").contains(where: { isEmptySender($0.value) }) { return true }
        guard let first = header.fields.first, first.kind == .envelopeLine else { return false }
        let sender = first.bytes.dropFirst(5).trimmingWhiteSpace().prefix { !$0.isWhiteSpace }
        return isEmptySender(String(headerBytes: sender))
    }

    private static func isReport(_ header: HeaderBlock) -> Bool {
        if header.first(named: "X-Failed-Recipients") != nil { return true }
        return header.fields(named: "Content-Type").contains { reportTypes.contains(keyword(of: $0)) }
    }

    private static func isAutomatic(_ header: HeaderBlock) -> Bool {
        let marks = header.fields(named: "Auto-Submitted").map(keyword).filter { !$0.isEmpty }
        return marks.contains { $0 != "no" } || answerFields.contains { header.first(named: $0) != nil }
    }

    private static func hasBulkPrecedence(_ header: HeaderBlock) -> Bool {
        header.fields(named: "Precedence").contains { bulkPrecedences.contains(keyword(of: $0)) }
    }

    /// The first word of a value in lower case: what stands before parameters, comments and white space. A comment
    /// before it is skipped.
    private static func keyword(of field: RawField) -> String {
        var value = field.unfoldedValue[...]
        while value.first == UInt8(ascii: "("), let end = value.firstIndex(of: UInt8(ascii: ")")) {
            value = value[(end + 1)...].drop(while: \.isWhiteSpace)
        }
        let word = value.prefix { !$0.isWhiteSpace && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(") }
        return String(headerBytes: word).asciiLowercased
    }

    private static func isUnattended(_ local: String) -> Bool {
        unattendedNames.contains { name in
            guard local.hasPrefix(name) else { return false }
            let next = local.dropFirst(name.count).first
            return next.map { !$0.isLetter } ?? true
        }
    }
}
