/// Who wrote a mail.
///
/// The rule, in order:
///
/// 1. Only `From` counts. `Reply-To`, `Sender` and the envelope never choose.
/// 2. Every field that some reader could take for `From` is looked at. One that is not plainly spelled (white space
///    before the colon, a bare carriage return, NUL) is refused: the desk and other readers see different fields.
/// 3. Of a field, the *last* mailbox is the sender, as the desk takes it. Words before a mailbox are the first part
///    of its name (`Doe, Jane <jane@example.org>`); words after the last mailbox are refused, because then the desk's
///    "last" is no address.
/// 4. A field with anything that readers read differently is refused as a whole: group syntax, quotation marks,
///    comments or angle brackets that do not match, words around an address, control characters.
/// 5. Several `From` fields are refused unless they name the same sender.
/// 6. An address in the name or in a comment that is not the sender's own is refused, quoted or not: it is either
///    a deception or a service that writes in somebody's name (`"jane@example.org via Board" <board@example.net>`), and
///    neither should become a customer user. The sender's own address there is no name.
/// 7. The address must be one that can be mailed back to, see ``MailAddress``.
///
/// Display names are decoded (RFC 2047). Raw 8-bit bytes are read as UTF-8, or as ISO 8859-1 if they are not UTF-8.
public enum SenderRule {
    /// What the rule says about a message.
    public enum Verdict: Sendable, Equatable {
        /// The mailbox that wrote it.
        case sender(MailAddress)
        /// Nobody can be named.
        case refused(SenderRefusal)
    }

    /// Applies the rule to the header section of a message.
    public static func verdict(for header: HeaderBlock) -> Verdict {
        do {
            return .sender(try sender(of: header))
        } catch {
            return .refused(error)
        }
    }

    /// The sender, or the refusal as an error.
    public static func sender(of header: HeaderBlock) throws(SenderRefusal) -> MailAddress {
        let fields = header.fields(named: "From")
        guard let first = fields.first else { throw .noFromField }
        let sender = try sender(of: first)
        for field in fields.dropFirst() where try self.sender(of: field).address != sender.address {
            throw .fromFieldsDisagree
        }
        return sender
    }

    /// In bytes; no author has more names and addresses.
    private static let longestField = 65_536

    private static func sender(of field: RawField) throws(SenderRefusal) -> MailAddress {
        guard
            !field.rawValue.contains(where: {
                $0 < 0x20 && !$0.isWhiteSpace && $0 != .lineFeed && $0 != .carriageReturn
            })
        else { throw .ambiguous(.controlCharacter) }
        guard field.bytes.count <= longestField else { throw .tooLong }
        guard field.isPlainlySpelled else { throw .oddlySpelledField }
        var nameStart: [String] = []
        var last: (mailbox: AddressList.Mailbox, nameStart: [String])?
        for element in AddressList(parsing: field.value).elements {
            switch element {
            case .damaged(let defect):
                throw .ambiguous(defect)
            case .text(let words):
                nameStart.append(words)
            case .mailbox(let mailbox):
                last = (mailbox, nameStart)
                nameStart = []
            }
        }
        guard let last else { throw .noAddress }
        guard nameStart.isEmpty else { throw .wordsAfterAddress }
        return try address(of: last.mailbox, nameStart: last.nameStart)
    }

    private static func address(
        of mailbox: AddressList.Mailbox, nameStart: [String]
    ) throws(SenderRefusal) -> MailAddress {
        let name = (nameStart + [mailbox.name].compactMap(\.self)).joined(separator: ", ")
        let sender: MailAddress
        do {
            sender = try MailAddress(mailbox.address, displayName: name.withoutOuterApostrophes)
        } catch {
            throw mailbox.address.isEmpty ? .noAddress : .undeliverable(error)
        }
        var namesItself = false
        for text in nameStart + mailbox.texts {
            for named in text.addressLikeWords {
                guard (try? MailAddress(named))?.address == sender.address else { throw .addressInName }
                namesItself = true
            }
        }
        guard namesItself, let name = sender.displayName, name.addressLikeWords == [name] else { return sender }
        return sender.named(nil)
    }
}

/// Why nobody can be named as the sender of a mail.
public enum SenderRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no `From` field.
    case noFromField
    /// A `From` field that some readers see and others do not.
    case oddlySpelledField
    /// Several `From` fields that name different senders.
    case fromFieldsDisagree
    /// A `From` field that is longer than 64 KiB.
    case tooLong
    /// `From` holds no address.
    case noAddress
    /// Words follow the last address.
    case wordsAfterAddress
    /// The value has no single meaning.
    case ambiguous(ListDefect)
    /// The name or a comment holds another address.
    case addressInName
    /// The address cannot be mailed back to.
    case undeliverable(AddressDefect)

    /// A word for the log and the audit trail; holds nothing of the mail.
    public var description: String {
        switch self {
        case .noFromField: "no-from-field"
        case .oddlySpelledField: "oddly-spelled-from-field"
        case .fromFieldsDisagree: "from-fields-disagree"
        case .tooLong: "too-long-from-field"
        case .noAddress: "no-address"
        case .wordsAfterAddress: "words-after-address"
        case .ambiguous(let defect): "ambiguous-\(defect.rawValue)"
        case .addressInName: "address-in-name"
        case .undeliverable(let defect): "undeliverable-\(defect.rawValue)"
        }
    }
}

extension String {
    /// Without the pair of apostrophes that some mailers put around a name.
    fileprivate var withoutOuterApostrophes: String {
        count > 2 && hasPrefix("'") && hasSuffix("'") ? String(dropFirst().dropLast()) : self
    }

    /// The words that a reader would take for an e-mail address: something, an `@` or what looks like one, and
    /// something with a dot in it.
    fileprivate var addressLikeWords: [String] {
        let separators = Set<Character>(" \t\u{A0}<>()[]{}\"'`,;:|\u{2018}\u{2019}\u{201C}\u{201D}\u{AB}\u{BB}")
        return split(whereSeparator: { separators.contains($0) || $0.isWhitespace }).compactMap { word in
            let word = String(word.map { $0 == "\u{FF20}" || $0 == "\u{FE6B}" ? "@" : $0 })
                .trimmingPunctuation
            let sides = word.split(separator: "@", omittingEmptySubsequences: false)
            guard sides.count > 1, let host = sides.last, !(sides.first?.isEmpty ?? true) else { return nil }
            return host.contains(".") ? word : nil
        }
    }

    private var trimmingPunctuation: String {
        func isStop(_ character: Character) -> Bool { ".!?*".contains(character) }
        guard let first = firstIndex(where: { !isStop($0) }), let last = lastIndex(where: { !isStop($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
