import Foundation
import LinkStore
import OneTimeLinks

/// The act of finding the link of a token of the old add-on.
public struct FindAddOnLink: Sendable {
    private let links: AddOnLinks
    private let hasLinks: @Sendable () -> Bool

    /// - Parameter hasLinks: what is known of whether there are any, without asking the database.
    public init(links: AddOnLinks, hasLinks: @escaping @Sendable () -> Bool) {
        self.links = links
        self.hasLinks = hasLinks
    }

    /// False while no link of the add-on was imported: then nothing is looked for.
    public var isOfUse: Bool { hasLinks() }

    /// The link; nil if there is none, or if it is not the ticket's that the old address names with it.
    public func callAsFunction(_ token: AddOnToken, ticketNumber: TicketNumber) async throws -> UUID? {
        guard hasLinks() else { return nil }
        return try await links.find(token, ticketNumber: ticketNumber)
    }
}
