import Foundation

/// Writes our own mails (RFC 5322, RFC 2045 to 2047), lines ended by CRLF.
///
/// - Header fields are ASCII: text outside it, and whatever could be mistaken for encoded text, is written in encoded
///   words. Lines are folded to 76 characters. No field has parameters outside ASCII, so RFC 2231 is not needed.
/// - Each text is UTF-8 and goes as `7bit`, `quoted-printable` or `base64`, see ``TransferEncoding/forSending(_:)``.
/// - Texts are not wrapped here, since that would change what the caller wrote; see ``Swift/String/wrapped(at:)``.
public enum MailComposer {
    private static let lineEnding: [UInt8] = [.carriageReturn, .lineFeed]
    private static let reservedFields: Set<String> = [
        "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    ]

    /// The bytes of a mail. The same mail gives the same bytes.
    public static func compose(_ mail: OutgoingMail) throws(CompositionError) -> [UInt8] {
        guard !mail.to.isEmpty else { throw .noRecipient }
        guard isMessageID(mail.messageID) else { throw .invalidMessageID }
        var bytes: [UInt8] = []
        bytes += line("From", mailboxes([mail.from], column: "From: ".count))
        bytes += line("To", mailboxes(mail.to, column: "To: ".count))
        bytes += try textLine("Subject", mail.subject)
        bytes += line("Date", Array(formatted(mail.date).utf8))
        bytes += line("Message-ID", Array("<\(mail.messageID)>".utf8))
        for field in mail.fields {
            guard !reservedFields.contains(field.name.asciiLowercased) else { throw .reservedField(field.name) }
            bytes += try textLine(field.name, field.value)
        }
        bytes += line("MIME-Version", Array("1.0".utf8))
        return bytes + (try content(of: mail))
    }

    private static func content(of mail: OutgoingMail) throws(CompositionError) -> [UInt8] {
        let text = part("text/plain", mail.text)
        guard let html = mail.html.map({ part("text/html", $0) }) else { return text }
        let delimiter = Array("--\(mail.boundary)".utf8)
        guard isBoundary(mail.boundary), !isLine(delimiter, in: text), !isLine(delimiter, in: html) else {
            throw .invalidBoundary
        }
        let type = "multipart/alternative;\r\n boundary=\"\(mail.boundary)\""
        var bytes = line("Content-Type", Array(type.utf8)) + lineEnding
        for part in [text, html] {
            bytes += delimiter + lineEnding + part + lineEnding
        }
        return bytes + delimiter + Array("--".utf8) + lineEnding
    }

    /// The header fields, the empty line and the body of a text.
    private static func part(_ type: String, _ text: String) -> [UInt8] {
        let content = canonical(text)
        let encoding = TransferEncoding.forSending(content)
        let charset = content.allSatisfy { $0 < 0x80 } ? "us-ascii" : "utf-8"
        return line("Content-Type", Array("\(type); charset=\(charset)".utf8))
            + line("Content-Transfer-Encoding", Array(encoding.rawValue.utf8))
            + lineEnding + encoding.encode(content, lineEnding: lineEnding)
    }

    /// Lines ended by CRLF, the last one too; control characters that no text has are left out.
    private static func canonical(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").utf8 {
            if byte == .lineFeed {
                bytes += lineEnding
            } else if byte >= 0x20 && byte != 0x7F || byte == .tab {
                bytes.append(byte)
            }
        }
        return bytes.isEmpty || bytes.last == .lineFeed ? bytes : bytes + lineEnding
    }
}

// MARK: - Header fields

extension MailComposer {
    private static func line(_ name: String, _ value: [UInt8]) -> [UInt8] {
        Array("\(name): ".utf8) + value + lineEnding
    }

    private static func textLine(_ name: String, _ value: String) throws(CompositionError) -> [UInt8] {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != .colon }),
            value.withoutControlCharacters == value
        else { throw .invalidField(name) }
        return line(name, EncodedWord.encodeText(value, column: name.utf8.count + 2, lineEnding: lineEnding))
    }

    private static func mailboxes(_ mailboxes: [MailAddress], column: Int) -> [UInt8] {
        var value: [UInt8] = []
        for (index, mailbox) in mailboxes.enumerated() {
            if index > 0 { value += [UInt8(ascii: ",")] + lineEnding + [.space] }
            value += self.mailbox(mailbox, column: index == 0 ? column : 1)
        }
        return value
    }

    private static func mailbox(_ mailbox: MailAddress, column: Int) -> [UInt8] {
        guard let name = mailbox.displayName else { return Array(mailbox.address.utf8) }
        let phrase = self.phrase(name, column: column)
        let address = Array("<\(mailbox.address)>".utf8)
        let lastLine = phrase.reversed().prefix { $0 != .lineFeed }.count + (phrase.contains(.lineFeed) ? 0 : column)
        let fits = lastLine + 1 + address.count <= EncodedWord.longestLine
        return phrase + (fits ? [] : lineEnding) + [.space] + address
    }

    /// A display name: as it is if it is made of atoms, quoted if it is other ASCII, else in encoded words.
    private static func phrase(_ name: String, column: Int) -> [UInt8] {
        let isShortASCII = name.utf8.count < 50 && name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        guard isShortASCII, !name.contains("=?") else {
            return EncodedWord.encode(name, column: column, lineEnding: lineEnding)
        }
        let isAtoms = name.utf8.allSatisfy { $0 == .space || MailAddress.isAtomCharacter($0) }
        return isAtoms ? Array(name.utf8) : quoted(name)
    }

    private static func quoted(_ text: String) -> [UInt8] {
        let quotationMark = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        let escaped = text.utf8.flatMap { $0 == quotationMark || $0 == backslash ? [backslash, $0] : [$0] }
        return [quotationMark] + escaped + [quotationMark]
    }

    /// A date as RFC 5322, section 3.3, wants it, in UTC.
    private static func formatted(_ date: Date) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func digits(_ number: Int?) -> String {
            let text = String(number ?? 0)
            return text.count < 2 ? "0" + text : text
        }
        let day = days[((parts.weekday ?? 1) - 1) % 7]
        let month = months[((parts.month ?? 1) - 1) % 12]
        let time = [parts.hour, parts.minute, parts.second].map(digits).joined(separator: ":")
        return "\(day), \(digits(parts.day)) \(month) \(parts.year ?? 1970) \(time) +0000"
    }

    private static func isMessageID(_ text: String) -> Bool {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        return sides.count == 2 && text.utf8.count < 250
            && sides.allSatisfy { side in
                !side.isEmpty && side.utf8.allSatisfy { $0 == UInt8(ascii: ".") || MailAddress.isAtomCharacter($0) }
            }
    }

    private static func isBoundary(_ text: String) -> Bool {
        let symbols = Set("'()+_,-./:=? ".utf8)
        return (1...70).contains(text.utf8.count) && !text.hasSuffix(" ")
            && text.utf8.allSatisfy { symbols.contains($0) || MailAddress.isLetterOrDigit($0) }
    }

    private static func isLine(_ start: [UInt8], in bytes: [UInt8]) -> Bool {
        bytes.split(separator: .lineFeed).contains { $0.starts(with: start) }
    }
}
