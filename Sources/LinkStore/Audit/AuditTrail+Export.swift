import Foundation
import PostgresClient

/// Which events are exported.
public struct AuditSelection: Sendable, Hashable {
    /// The first moment; nil: from the beginning.
    public var since: Date?
    /// The moment before which the last event was; nil: up to now.
    public var until: Date?
    /// Names such as `link.refused`, or families such as `session.*`; empty: all.
    public var events: [String]

    public init(since: Date? = nil, until: Date? = nil, events: [String] = []) {
        self.since = since
        self.until = until
        self.events = events
    }

    /// For LIKE: only a star at the end stands for others.
    var patterns: [String] {
        events.map { name in
            let isFamily = name.hasSuffix("*")
            let literal = (isFamily ? String(name.dropLast()) : name)
                .replacingOccurrences(of: #"\"#, with: #"\\"#).replacingOccurrences(of: "_", with: #"\_"#)
                .replacingOccurrences(of: "%", with: #"\%"#)
            return literal + (isFamily ? "%" : "")
        }
    }
}

extension AuditTrail {
    /// Reads events in the order of their times through a cursor, so that memory does not grow with them, as of one moment.
    ///
    /// - Parameter page: called with up to a thousand lines at a time; each is a JSON object without what is null.
    /// - Returns: how many.
    @discardableResult
    public func export(
        _ selection: AuditSelection, page: @Sendable ([String]) async throws -> Void
    ) async throws -> Int {
        try await client.transaction("audit.export") { transaction in
            _ = try await transaction.query(ExportSQL.atOnce)
            _ = try await transaction.query(
                ExportSQL.declare, selection.since, selection.until, selection.patterns)
            var total = 0
            while true {
                let lines = try await transaction.query(ExportSQL.fetch).map { try $0.decode(String.self) }
                guard !lines.isEmpty else { return total }
                try await page(lines)
                total += lines.count
            }
        }
    }
}

enum ExportSQL {
    /// Read by the index, so that the first rows come at once: sorting a whole trail would be silent for long.
    static let atOnce = Statement("audit.export_at_once", "SET LOCAL cursor_tuple_fraction = 0.0001")

    static let declare = Statement(
        "audit.export_declare",
        """
        DECLARE audit_export NO SCROLL CURSOR FOR
        SELECT json_strip_nulls(json_build_object(
                   'id', id, 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'event', event,
                   'linkID', link_id, 'sessionID', session_id, 'ticketNumber', ticket_number,
                   'customerLogin', customer_login, 'reason', reason, 'actor', actor,
                   'clientAddress', client_address, 'userAgent', user_agent, 'requestID', request_id))::text
          FROM otalink.audit_event
         WHERE ($1::timestamptz IS NULL OR at >= $1)
           AND ($2::timestamptz IS NULL OR at < $2)
           AND (cardinality($3::text[]) = 0 OR event LIKE ANY ($3::text[]))
         ORDER BY at, id
        """)

    static let fetch = Statement("audit.export_fetch", "FETCH 1000 FROM audit_export")
}
