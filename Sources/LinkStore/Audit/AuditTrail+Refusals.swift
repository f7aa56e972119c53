import Foundation
import PostgresClient

/// Calls of the desk's own programs whose refusals the audit trail has, since mails and events wait until somebody mends it.
public enum RefusedCall: String, Sendable, CaseIterable {
    case deskEvent = "desk_event.refused"
    case outgoingMail = "mail_outbound.refused"
    case incomingMail = "mail_inbound.refused"
}

/// The last call of a kind that was refused.
public struct LastRefusal: Sendable {
    public var at: Date
    public var reason: String?
    public var clientAddress: String?

    public init(at: Date, reason: String?, clientAddress: String?) {
        self.at = at
        self.reason = reason
        self.clientAddress = clientAddress
    }
}

extension AuditTrail {
    /// The last refusal within a week; nil: there is none.
    public func lastRefusal(of call: RefusedCall) async throws -> LastRefusal? {
        try await client.query(RefusalSQL.last, call.rawValue).first.map { row in
            LastRefusal(
                at: try row.decode("at"), reason: try row.decode("reason"),
                clientAddress: try row.decode("client_address"))
        }
    }
}

private enum RefusalSQL {
    static let last = Statement(
        "audit.last_refusal", repeatable: true,
        """
        SELECT at, reason, client_address
          FROM otalink.audit_event
         WHERE event = $1
           AND at > now() - interval '7 days'
         ORDER BY at DESC
         LIMIT 1
        """)
}
