import Foundation
import OneTimeLinks
import PostgresClient

/// Somebody opened the page of a link, and pressed nothing yet.
public struct LinkVisit: Sendable {
    public var link: UUID
    public var visitor: LinkVisitor
    public var context: RequestContextFacts

    public init(link: UUID, visitor: LinkVisitor, context: RequestContextFacts) {
        self.link = link
        self.visitor = visitor
        self.context = context
    }

    /// Scanners stand apart from people.
    var event: String {
        switch visitor {
        case .person: "link.opened"
        case .scanner: "link.scanned"
        }
    }
}

extension AuditTrail {
    /// Writes visits, many in one statement, each with the ticket and person of its link as far as that still is there.
    ///
    /// - Parameter visits: with each, how many seconds ago it was.
    public func record(visits: [(visit: LinkVisit, age: Double)]) async throws {
        guard !visits.isEmpty else { return }
        let all = visits.map(\.visit)
        _ = try await client.query(
            VisitSQL.insert, visits.map(\.age), all.map(\.event), all.map(\.link), all.map(\.visitor.word),
            all.map(\.context.clientAddress), all.map(\.context.userAgent), all.map(\.context.requestID))
    }
}

enum VisitSQL {
    static let insert = Statement(
        "visit.insert",
        """
        INSERT INTO otalink.audit_event
               (at, event, link_id, ticket_number, customer_login, reason, client_address, user_agent, request_id)
        SELECT now() - make_interval(secs => visit.age), visit.event, visit.link_id, link.ticket_number,
               link.customer_login, visit.reason, visit.client_address, visit.user_agent, visit.request_id
          FROM unnest($1::double precision[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
               AS visit (age, event, link_id, reason, client_address, user_agent, request_id)
          LEFT JOIN otalink.link ON link.id = visit.link_id
         ORDER BY visit.age DESC
        """)
}
