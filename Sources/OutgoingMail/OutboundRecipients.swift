import MailMessage
import OneTimeLinks

/// Who gets an outgoing mail.
package struct OutboundRecipients {
    /// As the mail server was told.
    let envelope: [String]
    /// The desk's own archive, which gets a copy without a token.
    let archive: [String]
    /// The only address that the mail goes to, by the envelope and by its header; nil: several, or nobody can tell.
    let only: String?

    /// - Parameters:
    ///   - envelope: the recipients as the mail server was told; nil: those in the header (`sendmail -t`).
    ///   - archive: canonical addresses of `ArchiveAddresses`.
    init(envelope: [String]?, header: HeaderBlock, archive: Set<String>) {
        let named = Self.named(in: header)
        let all = envelope ?? named.addresses
        self.archive = all.filter { archive.contains(AddressIdentity.canonical($0)) }
        self.envelope = all.filter { !archive.contains(AddressIdentity.canonical($0)) }
        let everybody = Set((self.envelope + named.addresses).map(AddressIdentity.canonical)).subtracting(archive)
        only = named.isClear && everybody.count == 1 && self.envelope.count == 1 ? self.envelope.first : nil
    }

    /// The addresses that `To`, `Cc` and `Bcc` name.
    ///
    /// - Returns: `isClear`: false where there is more than addresses, such as a group, so that other readers may find others.
    package static func named(in header: HeaderBlock) -> (addresses: [String], isClear: Bool) {
        let lists = ["To", "Cc", "Bcc"].flatMap { header.fields(named: $0) }.map { AddressList(parsing: $0.value) }
        // Without a field, the header section is missing or was too long to be read.
        let isClear =
            !header.fields.isEmpty
            && lists.allSatisfy { list in
                list.elements.allSatisfy { element in
                    if case .mailbox = element { true } else { false }
                }
            }
        return (lists.flatMap(\.mailboxes).map(\.address), isClear)
    }
}
