import CGMime

/// The value of an address field, taken apart.
///
/// The value is split by RFC 5322, section 3.4, with three kindnesses to what real senders write: a comma within an
/// encoded word does not separate, brackets and dots may stand in an unquoted name, and empty elements count for
/// nothing. Each mailbox is then read by GMime as well; if that reader comes to another address, the mailbox is
/// damaged. What a lenient reader would repair by guessing is not repaired here but named.
public struct AddressList: Sendable, Equatable {
    /// What stands between two commas.
    public enum Element: Sendable, Equatable {
        /// An address, as written and not yet checked, with its decoded name and comments.
        case mailbox(Mailbox)
        /// Words without an address: mostly a part of a name with an unquoted comma, `Doe, Jane <jane@example.org>`.
        case text(String)
        /// Something that readers read differently.
        case damaged(ListDefect)
    }

    /// An address and what stands beside it.
    public struct Mailbox: Sendable, Equatable {
        /// The decoded name before the angle bracket, or else the comment; `nil` if it is blank or there is none.
        public var name: String?
        /// The address as written, without white space and comments around it.
        public var address: String
        /// All decoded text around the address: name and comments.
        public var texts: [String]
    }

    /// The elements in order, without the empty ones.
    public let elements: [Element]

    /// Takes the value of a field apart.
    ///
    /// - Parameter value: The unfolded value, see ``RawField/value``.
    public init(parsing value: String) {
        var scanner = AddressScanner(Array(value.utf8))
        var elements: [Element] = []
        while let scanned = scanner.nextElement() {
            switch scanned {
            case .success(let parts):
                if let element = parts.element { elements.append(element) }
            case .failure(let defect):
                elements.append(.damaged(defect))
            }
        }
        self.elements = elements
    }

    /// The mailboxes among the elements.
    public var mailboxes: [Mailbox] {
        elements.compactMap { element in
            if case .mailbox(let mailbox) = element { mailbox } else { nil }
        }
    }
}

/// Why the value of an address field, or a part of it, has no single meaning.
public enum ListDefect: String, Error, Sendable, CaseIterable {
    /// A NUL or another control character.
    case controlCharacter
    /// A quotation mark or a comment that is never closed, or a comment closed that was never opened.
    case unclosedQuote
    /// Angle brackets that do not match, or several pairs in one element.
    case angleBrackets
    /// Group syntax, `name: members;`, or a colon or semicolon that makes it look like one.
    case group
    /// Words after the address, or an address of several words.
    case strayText
    /// A comment within an address: some readers join what stands around it, others take one side.
    case commentInAddress
    /// A second reader finds another address here.
    case readersDisagree
}

extension AddressScanner.Parts {
    /// What the parts amount to; `nil` if there are none.
    fileprivate var element: AddressList.Element? {
        let comments = self.comments.map(EncodedWord.decode)
        if let angle {
            guard afterAngle.isEmpty else { return .damaged(.strayText) }
            let words = decodedWords
            let address = String(decoding: angle.trimmingWhiteSpace(), as: UTF8.self)
            return checked(.init(name: name(words, comments), address: address, texts: [words] + comments))
        }
        guard !bare.isEmpty else { return nil }
        guard bareHasAtSign else { return .text(decodedWords) }
        guard !bareHoldsComment else { return .damaged(.commentInAddress) }
        let address = String(decoding: bare.trimmingWhiteSpace(), as: UTF8.self)
        guard !address.utf8.contains(where: \.isWhiteSpace) else { return .damaged(.strayText) }
        return checked(.init(name: name("", comments), address: address, texts: comments))
    }

    private func name(_ words: String, _ comments: [String]) -> String? {
        MailAddress.visibleName(words) ?? comments.lazy.compactMap(MailAddress.visibleName).first
    }

    /// The words of a name: quoted ones unquoted, encoded ones decoded. Encoded words that stand within quotation
    /// marks are decoded too, because many mailers write them so.
    private var decodedWords: String {
        EncodedWord.decode(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
    }

    private func checked(_ mailbox: AddressList.Mailbox) -> AddressList.Element {
        // An address that is refused anyway keeps its own, more exact reason.
        guard let address = try? MailAddress(mailbox.address).address else { return .mailbox(mailbox) }
        let bracketed = "<\(mailbox.address)>"
        guard let list = cgmime_address_list_parse(bracketed) else { return .mailbox(mailbox) }
        defer { cgmime_address_list_release(list) }
        for index in 0..<cgmime_address_list_count(list) {
            guard let second = cgmime_address_list_address(list, index) else { continue }
            guard (try? MailAddress(String(cString: second)).address) == address else {
                return .damaged(.readersDisagree)
            }
        }
        return .mailbox(mailbox)
    }
}
