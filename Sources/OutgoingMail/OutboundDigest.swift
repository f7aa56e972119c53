import MailMessage

/// An outgoing mail without its attachments, for a mail that is too large to be sent to the service as it is: the same header, the same
/// parts, the same texts. Edits of it are edits of the mail.
package struct OutboundDigest {
    package let message: SpooledMessage
    /// What was kept of the mail, in order, and where it stands in the digest.
    private let kept: [(range: Range<Int>, start: Int)]

    /// - Throws: `MessageStreamError` if the mail's file cannot be read, or if its texts are too long as well.
    package init(of mail: SpooledMessage) throws {
        let outline = try MessageOutline(of: mail)
        var left = OutboundTexts.limit
        var dropped: [Range<Int>] = []
        for part in outline.root.allParts where part.children.isEmpty {
            if part.isText, !part.isAttachment, part.bodyRange.count <= left {
                left -= part.bodyRange.count
            } else {
                dropped.append(part.bodyRange)
            }
        }
        var kept: [(range: Range<Int>, start: Int)] = []
        var bytes: [UInt8] = []
        var position = 0
        for range in dropped + [mail.length..<mail.length] {
            let part = position..<max(position, range.lowerBound)
            guard bytes.count + part.count <= SpooledMessage.limitInMemory else {
                throw MessageStreamError.bodyTooLong(limit: SpooledMessage.limitInMemory)
            }
            kept.append((part, bytes.count))
            bytes += try mail.bytes(in: part)
            position = range.upperBound
        }
        message = SpooledMessage(bytes)
        self.kept = kept
    }

    /// Edits of the digest as edits of the mail; nil if one reaches over something that was left out.
    package func edits(_ edits: [MessageEdit]) -> [MessageEdit]? {
        var moved: [MessageEdit] = []
        for edit in edits {
            let piece = kept.last { $0.start <= edit.range.lowerBound }
            guard let piece, edit.range.upperBound <= piece.start + piece.range.count else { return nil }
            let offset = piece.range.lowerBound - piece.start
            moved.append(
                MessageEdit(
                    range: (edit.range.lowerBound + offset)..<(edit.range.upperBound + offset),
                    replacement: edit.replacement))
        }
        return moved
    }
}
