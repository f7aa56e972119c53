/// The text of a part, read from its raw body and written again.
extension MIMEPart {
    /// The decoded text: transfer encoding and character set undone.
    ///
    /// A part that names no character set, an unknown one or one that its bytes are not valid in is read as UTF-8, or
    /// as ISO 8859-1 if it is not UTF-8.
    ///
    /// - Parameter body: The raw body of the part.
    public func text(of body: ArraySlice<UInt8>) -> DecodedText {
        let content = transferEncoding.decode(body)
        if let charset, let text = charset.decode(content) {
            return DecodedText(string: text, isExact: charset.encode(text) == content)
        }
        let isASCII = content.allSatisfy { $0 < 0x80 }
        return DecodedText(string: String(headerBytes: content), isExact: isASCII)
    }

    /// How the part's text can be changed; `nil` if it cannot: its bytes are not valid in a character set in which they say
    /// nothing by themselves.
    ///
    /// - Parameter body: The raw body of the part.
    public func rewritableText(of body: ArraySlice<UInt8>) -> RewritableText? {
        let content = transferEncoding.decode(body)
        let holdsASCII = charset?.holdsASCII ?? true
        if let charset, let text = charset.decode(content) {
            if charset.encode(text) == content { return .exact(text) }
            return holdsASCII ? .bytes(content) : .convertible(text)
        }
        if content.allSatisfy({ $0 < 0x80 }) { return .exact(String(decoding: content, as: UTF8.self)) }
        return holdsASCII ? .bytes(content) : nil
    }

    /// Writes texts as bytes that fit into a content which is no valid text of the part's character set: UTF-8 if the content is
    /// that, else the part's character set, else that of Western mails. What it lacks becomes a question mark.
    public func writer(into content: [UInt8]) -> @Sendable (String) -> [UInt8] {
        let isUTF8 = String(validating: content, as: UTF8.self) != nil
        let charset = isUTF8 ? .utf8 : self.charset ?? CharacterSet(name: "windows-1252")
        return { text in
            if text.utf8.allSatisfy({ $0 < 0x80 }) { return Array(text.utf8) }
            return charset.encode(text) ?? text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : UInt8(ascii: "?") }
        }
    }

    /// What changes in the message if the part's decoded content becomes another one; `nil` if nothing does. The part's header stays
    /// as it is, and so does what it says about bytes that it does not fit.
    ///
    /// - Parameter body: The raw body of the part.
    public func edit(_ body: ArraySlice<UInt8>, replacingContentWith content: [UInt8]) -> MessageEdit? {
        let encoded = written(content, as: transferEncoding, in: body)
        return MessageEdit(range: bodyRange, replacement: encoded).trimmed(old: Array(body))
    }

    /// What changes in the message if the part's text becomes another one; `nil` if nothing does.
    ///
    /// The character set and the transfer encoding are kept as long as they can carry the new text. If they cannot, the part becomes
    /// UTF-8 in quoted-printable, and the two fields of its header say so; they are changed where they stand.
    ///
    /// - Parameters:
    ///   - body: The raw body of the part.
    ///   - isConverted: The part becomes UTF-8 in any case; its text need not be exact.
    public func edit(
        _ body: ArraySlice<UInt8>, replacingTextWith text: String, convertingToUTF8 isConverted: Bool = false
    ) throws(RewritingError) -> MessageEdit? {
        guard isText else { throw .notText }
        let old = self.text(of: body)
        guard old.isExact || isConverted else { throw .undecodableText }
        if old.string.utf8.elementsEqual(text.utf8) { return nil }
        let whole = MessageEdit(
            range: headerRange.lowerBound..<bodyRange.upperBound,
            replacement: rewritten(body, text, convertingToUTF8: isConverted))
        return whole.trimmed(old: header.serialised + body)
    }

    /// The part, header section and body, with another text.
    func rewritten(
        _ oldBody: ArraySlice<UInt8>, _ text: String, convertingToUTF8 isConverted: Bool = false
    ) -> [UInt8] {
        var header = header
        let content = isConverted ? (bytes: Array(text.utf8), newCharset: .utf8) : encoded(text)
        if let charset = content.newCharset {
            header.replace("Content-Type", with: contentType.value(withCharset: charset.name))
        }
        var encoding = transferEncoding
        // A part that names no encoding promises ASCII (RFC 2045, section 6.1).
        let isDeclared = header.first(named: "Content-Transfer-Encoding") != nil
        if !encoding.canCarry(content.bytes) || (!isDeclared && content.bytes.contains { $0 >= 0x80 }) {
            encoding = .quotedPrintable
            header.replace("Content-Transfer-Encoding", with: encoding.rawValue)
        }
        if content.newCharset != nil, header.first(named: "MIME-Version") == nil, path.isEmpty {
            header.replace("MIME-Version", with: "1.0")
        }
        let body = written(content.bytes, as: encoding, in: oldBody)
        // A part that ends within its header has no empty line yet that a body could follow.
        let head = header.serialised
        let lineEnd = head.last == .lineFeed ? [] : header.lineEnding
        return head + (header.terminator.isEmpty ? lineEnd + header.lineEnding : []) + body
    }

    private func written(
        _ content: [UInt8], as encoding: TransferEncoding, in oldBody: ArraySlice<UInt8>
    ) -> [UInt8] {
        let lineEnding = header.lineEnding
        var body = encoding.encode(content, lineEnding: lineEnding)
        if encoding == .base64, oldBody.last != .lineFeed { body.removeLast(min(body.count, lineEnding.count)) }
        return body
    }

    /// The bytes of the new text in the part's character set, or in UTF-8 if that lacks a character.
    private func encoded(_ text: String) -> (bytes: [UInt8], newCharset: CharacterSet?) {
        if let bytes = charset?.encode(text) { return (bytes, nil) }
        let bytes = Array(text.utf8)
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        return (bytes, isASCII && charset == nil ? nil : .utf8)
    }
}

/// How a part says, or shows, that it is protected.
extension MIMEPart {
    /// S/MIME is known by `multipart/signed` and `application/pkcs7-mime` (RFC 8551), OpenPGP by `multipart/signed` and
    /// `multipart/encrypted` (RFC 3156).
    var declaredProtection: MessageProtection? {
        switch contentType.mediaType {
        case "multipart/signed": .signed
        case "multipart/encrypted": .encrypted
        case "application/pkcs7-mime", "application/x-pkcs7-mime":
            contentType.parameter("smime-type")?.asciiLowercased == "signed-data" ? .signed : .encrypted
        default: nil
        }
    }

    /// What the armour lines of RFC 4880 in a text say.
    ///
    /// - Parameter body: The raw body of the part.
    public func armour(in body: ArraySlice<UInt8>) -> MessageProtection? {
        guard isText, !isAttachment else { return nil }
        return MessageProtection(armourIn: transferEncoding.decode(body))
    }
}

extension MessageProtection {
    /// The first armour line in a text; `nil` if there is none.
    public init?(armourIn text: [UInt8]) {
        var line = 0
        while line < text.count {
            let rest = text[line...]
            if rest.starts(with: Self.armourMark) {
                let words = rest.dropFirst(Self.armourMark.count)
                if words.starts(with: "SIGNED MESSAGE-----".utf8) {
                    self = .signed
                    return
                }
                if words.starts(with: "MESSAGE-----".utf8) {
                    self = .encrypted
                    return
                }
            }
            guard let end = rest.firstIndex(of: .lineFeed) else { return nil }
            line = end + 1
        }
        return nil
    }

    private static let armourMark = Array("-----BEGIN PGP ".utf8)
}
