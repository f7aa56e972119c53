/// How the desk marks a ticket in a subject: `[Ticket#2026112510000018]`.
public struct SubjectHook: Sendable, Hashable {
    /// `Ticket::Hook`.
    public var text: String
    /// `Ticket::HookDivider`.
    public var divider: String
    /// False where `Ticket::SubjectFormat` is `None`: then subjects say nothing.
    public var isUsed: Bool
    /// `Ticket::SubjectFormat` is `Right`: the mark stands behind the subject.
    public var isBehind: Bool

    public init(settings: Settings) {
        self.init(
            text: settings.text(SettingName.ticketHook) ?? "",
            divider: settings.text(SettingName.ticketHookDivider) ?? "",
            isUsed: settings.text(SettingName.subjectFormat) != "None",
            isBehind: settings.text(SettingName.subjectFormat) == "Right")
    }

    public init(text: String, divider: String, isUsed: Bool, isBehind: Bool = false) {
        self.text = text
        self.divider = divider
        self.isUsed = isUsed
        self.isBehind = isBehind
    }

    /// More digits than this are no ticket number.
    private static let mostDigits = 60

    /// The first ticket number behind the hook, wherever it stands and in whatever ASCII letters; the desk finds it so too.
    public func ticketNumber(in subject: String) -> TicketNumber? {
        let mark = Array(AddressIdentity.canonical(text + divider).utf8)
        guard isUsed, !mark.isEmpty else { return nil }
        let bytes = Array(AddressIdentity.canonical(subject).utf8)
        guard bytes.count > mark.count else { return nil }
        for start in 0...(bytes.count - mark.count) where bytes[start..<start + mark.count].elementsEqual(mark) {
            let digits = bytes[(start + mark.count)...].prefix(Self.mostDigits).prefix { (48...57).contains($0) }
            // A number of fewer digits is part of a sentence.
            if digits.count >= 4, let number = TicketNumber(String(decoding: digits, as: UTF8.self)) { return number }
        }
        return nil
    }
}
