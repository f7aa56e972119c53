import MailMessage
import Text

/// A text part of an outgoing mail, and the tags in it.
struct OutboundText {
    let part: MIMEPart
    let tags: [(tag: LinkTag, isQuoted: Bool)]
    private let body: [UInt8]
    private let text: RewritableText
    private let isHTML: Bool

    /// Nil if there is no tag.
    init?(_ part: MIMEPart, _ text: RewritableText, body: [UInt8]) {
        var tags: [(LinkTag, Bool)] = []
        let isHTML = part.contentType.mediaType == "text/html"
        let content =
            switch text {
            case .exact(let text), .convertible(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        _ = TaggedText.replacing(in: content, isHTML: isHTML, writing: { Array($0.utf8) }) { tag, isQuoted in
            tags.append((tag, isQuoted))
            return .text("")
        }
        if tags.isEmpty { return nil }
        self.part = part
        self.tags = tags
        self.body = body
        self.text = text
        self.isHTML = isHTML
    }

    /// The first tag that stands where a token may.
    var first: LinkTag? { tags.first { !$0.isQuoted }?.tag }

    /// What changes in the mail if the tags are replaced; nil if nothing does.
    func edit(_ replace: TaggedText.Replace) throws(RewritingError) -> MessageEdit? {
        switch text {
        case .exact(let text): return try edit(text, isConverted: false, replace)
        case .convertible(let text): return try edit(text, isConverted: true, replace)
        case .bytes(let content):
            let write = part.writer(into: content)
            let new = TaggedText.replacing(
                in: content, isHTML: isHTML, writing: { write(isHTML ? HTMLEscaping.inASCII($0) : $0) }, with: replace)
            return new.flatMap { part.edit(body[...], replacingContentWith: $0) }
        }
    }

    private func edit(
        _ text: String, isConverted: Bool, _ replace: TaggedText.Replace
    ) throws(RewritingError) -> MessageEdit? {
        guard let new = TaggedText.replacing(in: text, isHTML: isHTML, with: replace) else { return nil }
        return try part.edit(body[...], replacingTextWith: new, convertingToUTF8: isConverted)
    }
}

/// A tag in a text that is too long to be read as one: it is known by its bytes alone, and whether it is quoted is not.
struct OutboundTagInLongText {
    let tag: LinkTag
    let range: Range<Int>
    fileprivate let isHTML: Bool
    fileprivate let isQuotedPrintable: Bool

    /// The replacement as the text around it is written.
    func edit(_ replacement: TagReplacement) -> MessageEdit {
        let text: String =
            switch replacement {
            case .url(let text), .text(let text): isHTML ? HTMLEscaping.escaped(text) : text
            }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isQuotedPrintable, byte == UInt8(ascii: "=") || byte >= 0x7F {
                bytes += Array((byte < 16 ? "=0" : "=").utf8) + Array(String(byte, radix: 16, uppercase: true).utf8)
            } else {
                bytes.append(byte)
            }
        }
        return MessageEdit(range: range, replacement: bytes)
    }
}

/// What the filter looks at of an outgoing mail: its header, its texts, and how it is protected. The rest of the mail is never in memory.
struct OutboundTexts {
    /// Of all texts of a mail together, in bytes; what lies beyond is searched for tags, but not decoded.
    static let limit = 4 << 20

    let header: HeaderBlock
    let protection: MessageProtection?
    /// Those that have tags.
    let texts: [OutboundText]
    let longTexts: [OutboundTagInLongText]
    /// Something that could hold a tag was not read: it stays as it is.
    let isPartlyUnread: Bool

    /// - Throws: `MessageStreamError` if the mail's file cannot be read.
    init(_ message: SpooledMessage) throws {
        let outline = try MessageOutline(of: message)
        var protections = outline.protections
        var texts: [OutboundText] = []
        var longTexts: [OutboundTagInLongText] = []
        var left = Self.limit
        var isPartlyUnread = false
        for range in outline.unread where !isPartlyUnread {
            isPartlyUnread = try LongTextSearch.hasTag(in: range, of: message)
        }
        for part in outline.textParts {
            guard part.bodyRange.count <= left else {
                isPartlyUnread = isPartlyUnread || part.transferEncoding == .base64
                let search = try LongTextSearch(part, in: message)
                protections += search.protections
                longTexts += search.tags
                continue
            }
            left -= part.bodyRange.count
            let body = try message.bytes(in: part.bodyRange)
            if let armour = part.armour(in: body[...]) { protections.append(armour) }
            guard let rewritable = part.rewritableText(of: body[...]) else {
                isPartlyUnread = true
                continue
            }
            if let text = OutboundText(part, rewritable, body: body) { texts.append(text) }
        }
        self.isPartlyUnread = isPartlyUnread
        header = outline.header
        protection = protections.contains(.encrypted) ? .encrypted : protections.first
        self.texts = texts
        self.longTexts = longTexts
    }

    var hasTags: Bool { !texts.isEmpty || !longTexts.isEmpty }

    /// The edits that put something in the place of every tag.
    func edits(_ replace: TaggedText.Replace) throws(RewritingError) -> [MessageEdit] {
        var edits: [MessageEdit] = []
        for text in texts {
            if let edit = try text.edit(replace) { edits.append(edit) }
        }
        edits += longTexts.map { $0.edit(replace($0.tag, true)) }
        return edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

/// Looks for tags in the raw bytes of a text that is not decoded. Base64 shows none.
private struct LongTextSearch {
    /// No tag is longer, as far as it is found here.
    private static let longestTag = 1_024

    private(set) var tags: [OutboundTagInLongText] = []
    private(set) var protections: [MessageProtection] = []

    init(_ part: MIMEPart, in message: SpooledMessage) throws {
        let start = part.bodyRange.lowerBound
        try self.init(
            part.transferEncoding == .base64 ? start..<start : part.bodyRange, in: message,
            isHTML: part.contentType.mediaType == "text/html",
            isQuotedPrintable: part.transferEncoding == .quotedPrintable)
    }

    /// True if a tag stands in raw bytes of which it is not known what they are.
    static func hasTag(in range: Range<Int>, of message: SpooledMessage) throws -> Bool {
        try !LongTextSearch(range, in: message, isHTML: true, isQuotedPrintable: false).tags.isEmpty
    }

    private init(_ body: Range<Int>, in message: SpooledMessage, isHTML: Bool, isQuotedPrintable: Bool) throws {
        var position = body.lowerBound
        var isAtStart = true
        while position < body.upperBound {
            let end = min(position + (1 << 16), body.upperBound)
            let window = try message.bytes(in: position..<end)
            // What begins in the last bytes is looked at with the next ones.
            let isLast = end == body.upperBound
            var last = isLast ? window.count : window.count - Self.longestTag
            var offset = 0
            var finder = LinkTagFinder(window, isHTML: isHTML)
            while let candidate = Self.candidate(in: window, from: offset, to: last) {
                guard let (tag, tagEnd) = finder.match(at: candidate),
                    tagEnd - candidate <= Self.longestTag
                else {
                    offset = candidate + 1
                    continue
                }
                var start = position + candidate
                if isHTML {
                    // The scheme that an editor put in front of it.
                    let before = try message.bytes(
                        in: max(tags.last?.range.upperBound ?? body.lowerBound, start - 9)..<start)
                    start -= LetterHTML.lengthOfScheme(endingText: before, inQuotes: true)
                }
                tags.append(
                    OutboundTagInLongText(
                        tag: tag, range: start..<(position + tagEnd), isHTML: isHTML,
                        isQuotedPrintable: isQuotedPrintable))
                offset = tagEnd
                last = max(last, min(tagEnd, window.count))
            }
            if isAtStart, let armour = MessageProtection(armourIn: window) { protections.append(armour) }
            isAtStart = false
            position += isLast ? window.count : last
        }
    }

    /// Where a tag may begin: only these bytes are looked at more closely.
    private static func candidate(in window: [UInt8], from start: Int, to end: Int) -> Int? {
        window.withUnsafeBufferPointer { bytes in
            var index = start
            while index < end {
                let byte = bytes[index]
                if byte == 0x3C || byte == 0x26 || byte == 0x25 || byte | 0x20 == 0x6F {
                    let next = index + 1 < bytes.count ? bytes[index + 1] | 0x20 : 0
                    let fits =
                        byte | 0x20 == 0x6F
                        ? next == UInt8(ascii: "t")
                        : next == UInt8(ascii: "o") || next == UInt8(ascii: "z") || next == UInt8(ascii: "l")
                            || next == UInt8(ascii: "#") | 0x20 || next == UInt8(ascii: "3")
                    if fits { return index }
                }
                index += 1
            }
            return nil
        }
    }
}
