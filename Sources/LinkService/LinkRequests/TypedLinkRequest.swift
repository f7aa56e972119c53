import Foundation
import LinkPages
import MailMessage
import OneTimeLinks

/// What somebody typed or pasted into the page "send me a new link": a number with whatever stands around it in our mails, an address as
/// mail programs copy it.
struct TypedLinkRequest: Sendable {
    /// As it was sent.
    let typed: (ticket: String, email: String)
    /// Nil: it was not understood.
    let number: TicketNumber?
    /// Canonical; nil: it was not understood.
    let email: String?

    /// More of a field is not looked at; bytes.
    private static let longest = 1_024

    init(ticket: String, email: String, settings: Settings) {
        typed = (ticket, email)
        number = Self.ticketNumber(Self.visible(ticket), SubjectHook(settings: settings))
        self.email = Self.address(Self.visible(email))
    }

    /// The fields that were not understood.
    var unclear: Set<NewLinkPage.Field> {
        Set([number == nil ? .ticket : nil, email == nil ? .email : nil].compactMap(\.self))
    }

    // MARK: -

    /// Without what nobody sees, and with single blanks.
    private static func visible(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(longest).filter { scalar in
            !scalar.properties.isDefaultIgnorableCodePoint && scalar.properties.generalCategory != .control
                || scalar.properties.isWhitespace
        }
        return String(String.UnicodeScalarView(scalars)).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func ticketNumber(_ text: String, _ hook: SubjectHook) -> TicketNumber? {
        let hooked = SubjectHook(text: hook.text, divider: hook.divider, isUsed: true)
        return bareNumber(text, hook.text) ?? hooked.ticketNumber(in: text) ?? onlyNumber(in: text)
    }

    /// The number alone, perhaps with the hook or brackets around it, or with its digits in groups.
    private static func bareNumber(_ text: String, _ hook: String) -> TicketNumber? {
        let bare = text.trimmingCharacters(in: CharacterSet(charactersIn: " []()<>\"'#"))
        let isHooked = !hook.isEmpty && AddressIdentity.canonical(bare).hasPrefix(AddressIdentity.canonical(hook))
        let number = (isHooked ? String(bare.dropFirst(hook.count)) : bare)
            .trimmingCharacters(in: CharacterSet(charactersIn: " :#."))
        let isGrouped = number.utf8.allSatisfy { isDigit($0) || $0 == 0x20 || $0 == UInt8(ascii: ".") }
        let joined = isGrouped ? number.filter(\.isNumber) : number
        return joined.utf8.contains(where: isDigit) ? TicketNumber(joined) : nil
    }

    /// The one run of digits in a subject that is long enough for a number.
    private static func onlyNumber(in text: String) -> TicketNumber? {
        let runs = text.utf8.split { !isDigit($0) }.filter { $0.count >= 5 }.compactMap { String($0) }
        return Set(runs).count == 1 ? TicketNumber(runs[0]) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// `anna@example.org`, `Anna <anna@example.org>` or `mailto:anna@example.org`; of several addresses none.
    private static func address(_ text: String) -> String? {
        let text = text.trimmingCharacters(in: CharacterSet(charactersIn: " ,;"))
        let mailboxes = AddressList(parsing: withoutScheme(text)).elements
        var found: [AddressList.Mailbox] = []
        for element in mailboxes {
            switch element {
            case .mailbox(let mailbox): found.append(mailbox)
            case .text: break
            case .damaged: return nil
            }
        }
        guard found.count == 1, let address = try? MailAddress(withoutScheme(found[0].address)) else { return nil }
        return AddressIdentity.canonical(address.address)
    }

    /// The address in a `mailto` URL (RFC 6068); other texts as they are.
    private static func withoutScheme(_ text: String) -> String {
        guard let colon = text.firstIndex(of: ":"), text[..<colon].lowercased() == "mailto" else { return text }
        let address = String(text[text.index(after: colon)...].prefix { $0 != "?" })
        return address.removingPercentEncoding ?? address
    }
}
