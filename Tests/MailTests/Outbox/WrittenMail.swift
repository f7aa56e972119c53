import Foundation
import MailMessage
import OneTimeLinks
import Outbox

/// A mail as its reader sees it.
struct WrittenMail {
    let bytes: [UInt8]
    let reader: MailReader

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        reader = MailReader(bytes)
    }

    var text: String { part(0) }
    var html: String { part(1) }

    /// What stands behind `/l/` on a line of its own.
    var token: String? {
        text.split(whereSeparator: \.isNewline).first { $0.contains("/l/") }?.split(separator: "/").last.map(
            String.init)
    }

    private func part(_ index: Int) -> String {
        reader.textParts.dropFirst(index).first.map { reader.text(of: $0).string } ?? ""
    }
}

extension MailSite {
    static func example(host: String = "tickets.example.org") throws -> MailSite {
        MailSite(
            from: try MailAddress("desk@example.org"), host: host, timeZone: .gmt,
            linkURL: { "https://tickets.example.org/l/\($0)" },
            ticketURL: { "https://desk.example.org/customer.pl?TicketNumber=\($0.number)" })
    }
}
