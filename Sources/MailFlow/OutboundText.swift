import MailMessage

/// A text part of an outgoing mail, and the tags in it.
struct OutboundText {
    let part: MIMEPart
    let tags: [(tag: LinkTag, isQuoted: Bool)]
    private let body: [UInt8]
    private let text: String
    private let isHTML: Bool

    /// Nil if there is no tag, or if the part's bytes do not match its character set, so that it cannot be rewritten without
    /// harm.
    init?(_ part: MIMEPart, body: [UInt8]) {
        let text = part.text(of: body[...])
        guard text.isExact else { return nil }
        var tags: [(LinkTag, Bool)] = []
        let isHTML = part.contentType.mediaType == "text/html"
        _ = TaggedText.replacing(in: text.string, isHTML: isHTML) { tag, isQuoted in
            tags.append((tag, isQuoted))
            return .text("")
        }
        if tags.isEmpty { return nil }
        self.part = part
        self.tags = tags
        self.body = body
        self.text = text.string
        self.isHTML = isHTML
    }

    /// The first tag that stands where a token may.
    var first: LinkTag? { tags.first { !$0.isQuoted }?.tag }

    /// What changes in the mail if the tags are replaced; nil if nothing does.
    func edit(_ replace: TaggedText.Replace) throws(RewritingError) -> MessageEdit? {
        guard let new = TaggedText.replacing(in: text, isHTML: isHTML, with: replace) else { return nil }
        return try part.edit(body[...], replacingTextWith: new)
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
            case .url(let text), .text(let text): isHTML ? LetterHTML.escaped(text) : text
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

    /// - Throws: `MessageStreamError` if the mail's file cannot be read.
    init(_ message: SpooledMessage) throws {
        let outline = try MessageOutline(of: message)
        var protections = outline.protections
        var texts: [OutboundText] = []
        var longTexts: [OutboundTagInLongText] = []
        var left = Self.limit
        for part in outline.textParts {
            guard part.bodyRange.count <= left else {
                let search = try LongTextSearch(part, in: message)
                protections += search.protections
                longTexts += search.tags
                continue
            }
            left -= part.bodyRange.count
            let body = try message.bytes(in: part.bodyRange)
            if let armour = part.armour(in: body[...]) { protections.append(armour) }
            if let text = OutboundText(part, body: body) { texts.append(text) }
        }
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
        guard part.transferEncoding != .base64 else { return }
        let isHTML = part.contentType.mediaType == "text/html"
        var position = part.bodyRange.lowerBound
        var isAtStart = true
        while position < part.bodyRange.upperBound {
            let end = min(position + (1 << 16), part.bodyRange.upperBound)
            let window = try message.bytes(in: position..<end)
            // What begins in the last bytes is looked at with the next ones.
            let isLast = end == part.bodyRange.upperBound
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
                tags.append(
                    OutboundTagInLongText(
                        tag: tag, range: (position + candidate)..<(position + tagEnd), isHTML: isHTML,
                        isQuotedPrintable: part.transferEncoding == .quotedPrintable))
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
                if byte == 0x3C || byte == 0x26 || byte | 0x20 == 0x6F {
                    let next = index + 1 < bytes.count ? bytes[index + 1] | 0x20 : 0
                    let fits =
                        byte | 0x20 == 0x6F
                        ? next == UInt8(ascii: "t")
                        : next == UInt8(ascii: "o") || next == UInt8(ascii: "z") || next == UInt8(ascii: "l")
                            || next == UInt8(ascii: "#") | 0x20
                    if fits { return index }
                }
                index += 1
            }
            return nil
        }
    }
}
