/// Why a text part cannot be replaced.
public enum RewritingError: Error, Sendable, Equatable {
    /// There is no part at the path.
    case noSuchPart
    /// The part is not text.
    case notText
    /// The part's bytes do not match its character set, so that its text is a guess.
    case undecodableText
    /// The message is signed or encrypted, and a change would break it.
    case protected(MessageProtection)
}

extension MailReader {
    /// The message with the text of some parts replaced. Every other byte stays as it is.
    ///
    /// The character set and the transfer encoding of a part are kept as long as they can carry the new text. If they
    /// cannot, the part becomes UTF-8 in quoted-printable, and the two fields of its header say so; they are changed
    /// where they stand.
    ///
    /// - Parameter replacements: The new texts, by path; see ``MIMEPart/path`` and ``text(of:)``.
    public func replacingTexts(_ replacements: [[Int]: String]) throws(RewritingError) -> [UInt8] {
        if let protection { throw .protected(protection) }
        var edits: [(range: Range<Int>, bytes: [UInt8])] = []
        for (path, text) in replacements {
            guard let part = part(at: path) else { throw .noSuchPart }
            guard part.isText else { throw .notText }
            let old = self.text(of: part)
            guard old.isExact else { throw .undecodableText }
            if old.string.utf8.elementsEqual(text.utf8) { continue }
            let range = part.headerRange.lowerBound..<part.bodyRange.upperBound
            edits.append((range, part.rewritten(bytes[part.bodyRange], text)))
        }
        var message: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            message += bytes[position..<edit.range.lowerBound] + edit.bytes
            position = edit.range.upperBound
        }
        return message + bytes[position...]
    }
}
