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
            edits.append((part.headerRange.lowerBound..<part.bodyRange.upperBound, rewritten(part, text)))
        }
        var message: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            message += bytes[position..<edit.range.lowerBound] + edit.bytes
            position = edit.range.upperBound
        }
        return message + bytes[position...]
    }

    private func rewritten(_ part: MIMEPart, _ text: String) -> [UInt8] {
        var header = part.header
        let content = encoded(text, of: part)
        if let charset = content.newCharset {
            header.replace("Content-Type", with: part.contentType.value(withCharset: charset.name))
        }
        var encoding = part.transferEncoding
        // A part that names no encoding promises ASCII (RFC 2045, section 6.1).
        let isDeclared = header.first(named: "Content-Transfer-Encoding") != nil
        if !encoding.canCarry(content.bytes) || (!isDeclared && content.bytes.contains { $0 >= 0x80 }) {
            encoding = .quotedPrintable
            header.replace("Content-Transfer-Encoding", with: encoding.rawValue)
        }
        if content.newCharset != nil, header.first(named: "MIME-Version") == nil, part.path.isEmpty {
            header.replace("MIME-Version", with: "1.0")
        }
        var body = encoding.encode(content.bytes, lineEnding: part.header.lineEnding)
        let endedWithBreak = bytes[part.bodyRange].last == .lineFeed
        if encoding == .base64, !endedWithBreak { body.removeLast(min(body.count, part.header.lineEnding.count)) }
        // A part that ends within its header has no empty line yet that a body could follow.
        let head = header.serialised
        let lineEnd = head.last == .lineFeed ? [] : header.lineEnding
        return head + (header.terminator.isEmpty ? lineEnd + header.lineEnding : []) + body
    }

    /// The bytes of the new text in the part's character set, or in UTF-8 if that lacks a character.
    private func encoded(_ text: String, of part: MIMEPart) -> (bytes: [UInt8], newCharset: CharacterSet?) {
        if let bytes = part.charset?.encode(text) { return (bytes, nil) }
        let bytes = Array(text.utf8)
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        return (bytes, isASCII && part.charset == nil ? nil : .utf8)
    }
}
