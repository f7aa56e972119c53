/// A part of a message (RFC 2045 and 2046): where it stands in the raw bytes, and what its header says.
public struct MIMEPart: Sendable {
    /// The way to the part from the message: `[]` is the message itself, `[0, 1]` the second part of its first.
    public let path: [Int]
    /// The header section of the part; that of the message for the outermost part.
    public let header: HeaderBlock
    /// Where the header section stands in the message, the empty line at its end included.
    public let headerRange: Range<Int>
    /// Where the body stands in the message; the line break before a boundary belongs to the boundary.
    public let bodyRange: Range<Int>
    /// What the body is.
    public let contentType: ContentType
    /// How the body is written.
    public let transferEncoding: TransferEncoding
    /// The parts of a multipart body, or of an attached message if the reader was asked to look into it.
    public let children: [MIMEPart]

    /// Whether the part is meant to be saved rather than read (RFC 2183).
    public var isAttachment: Bool {
        header.first(named: "Content-Disposition")?.value.asciiLowercased.hasPrefix("attachment") ?? false
    }

    /// Whether the part is text.
    public var isText: Bool {
        contentType.isKind("text")
    }

    /// The part and all parts in it, in the order in which they stand.
    public var allParts: [MIMEPart] {
        var parts: [MIMEPart] = []
        collect(into: &parts)
        return parts
    }

    private func collect(into parts: inout [MIMEPart]) {
        parts.append(self)
        for child in children { child.collect(into: &parts) }
    }
}

/// The decoded text of a part.
public struct DecodedText: Sendable, Equatable {
    /// The text; its lines end as they do in the part.
    public let string: String
    /// Whether nothing was guessed or lost: the text, encoded again, is what the part held. Only then can the part be
    /// rewritten without harm to the rest of its text.
    public let isExact: Bool

    /// A text, read exactly or not.
    public init(string: String, isExact: Bool) {
        self.string = string
        self.isExact = isExact
    }
}

/// How the text of a part can be changed without harm to the rest of it.
public enum RewritableText: Sendable, Equatable {
    /// As text: encoded again, it is what the part held.
    case exact(String)
    /// As text, which then is written in UTF-8: the part's character set can be read, but has several ways to write it.
    case convertible(String)
    /// As bytes in which ASCII stands for itself: they are not valid in the part's character set, or the part names none.
    case bytes([UInt8])
}

/// How a message is protected against change or reading.
public enum MessageProtection: String, Sendable, Equatable {
    /// Signed with S/MIME or OpenPGP: any change would break the signature.
    case signed
    /// Encrypted with S/MIME or OpenPGP: there is nothing to read or change.
    case encrypted
}
