import Catalogue
import Foundation
import LinkPages
import MailMessage
import OneTimeLinks
import Text
import TicketSystem

extension TicketPage.Article.Author {
    /// Who wrote an article, for the customer who reads it. The desk calls everybody a customer who is no agent, so the address
    /// decides: every one in the sender must be the customer's own.
    init(of article: TicketArticle, seenBy customer: CustomerUser) {
        guard article.sender == .customer else {
            self = .helpDesk
            return
        }
        let (from, isCut) = PlainText.beginning(article.from, bytes: Self.longestSender)
        let addresses = from.split { $0.isWhitespace || "<>()[]\"',;:".contains($0) }.filter { $0.contains("@") }
        let own = Self.canonical(customer.email)
        let isOwn = !isCut && !addresses.isEmpty && addresses.allSatisfy { Self.canonical(String($0)) == own }
        self = isOwn ? .customer : .other
    }

    /// More than this is no sender of one person; bytes.
    private static let longestSender = 4_096

    private static func canonical(_ address: String) -> [UInt8] {
        Array(((try? MailAddress(address))?.address ?? AddressIdentity.canonical(address)).utf8)
    }
}
