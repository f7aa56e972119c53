import Foundation
import OneTimeLinks
import PostgresClient

/// A call for a link that its caller may repeat.
public struct RepeatableCall: Sendable {
    /// Name of the API key.
    public var apiKey: String
    /// What the caller named the call.
    public var name: String
    public var bodyHash: [UInt8]
    public var requestID: String

    public init(apiKey: String, name: String, bodyHash: [UInt8], requestID: String) {
        self.apiKey = apiKey
        self.name = name
        self.bodyHash = bodyHash
        self.requestID = requestID
    }
}

/// What there is of a call that may be a repeat.
public enum CallClaim: Sendable, Hashable {
    /// It is ours to answer, with this id for the link.
    case claimed(ClaimedCall)
    /// It was answered before.
    case answered(CallAnswer)
    /// The name was used for another body.
    case otherBody
    /// Another request works on it.
    case inProgress
}

/// A call that its claimer is to answer.
public struct ClaimedCall: Sendable, Hashable {
    public var apiKey: String
    public var name: String
    /// Made beforehand.
    public var link: UUID
    /// The request that answers.
    public var requestID: String
}

/// What a call was answered; everything to write the same bytes again, but for the secret keys.
public enum CallAnswer: Sendable, Hashable {
    case issued(link: UUID, keyID: String, ticketNumber: TicketNumber)
    case plainURL(TicketNumber)
    /// - Parameter requestID: stands in the answer.
    case refused(code: String, requestID: String)
}

/// The table `api_request`.
public struct APIRequests: Sendable {
    let client: PostgresClient

    /// Takes a call, unless somebody else has it or had it.
    ///
    /// - Parameter lease: how long nobody else may; then its claimer counts as dead.
    public func claim(_ call: RepeatableCall, lease: Duration) async throws -> CallClaim {
        // Whoever waited for another's insert does not see its row in the same statement.
        for _ in 0..<3 {
            let claimed = try await client.query(
                APIRequestSQL.claim, call.apiKey, call.name, Data(call.bodyHash), UUID.version7(), call.requestID,
                Int(lease.components.seconds))
            if let row = claimed.first {
                return .claimed(
                    ClaimedCall(
                        apiKey: call.apiKey, name: call.name, link: try row.decode("link_id"),
                        requestID: call.requestID))
            }
            if let row = try await client.query(APIRequestSQL.read, call.apiKey, call.name).first {
                guard try row.decode("body_hash", as: Data.self) == Data(call.bodyHash) else { return .otherBody }
                return try Self.answer(row).map(CallClaim.answered) ?? .inProgress
            }
        }
        return .inProgress
    }

    /// Writes the answer to a call for which no link was made.
    ///
    /// - Returns: false when somebody else has answered it.
    public func answer(_ claimed: ClaimedCall, _ answer: CallAnswer) async throws -> Bool {
        try await client.query(APIRequestSQL.answer, parameters: claimed.parameters(answer)).affectedRows > 0
    }

    /// Gives a call back without an answer, so that a repeat need not wait.
    public func release(_ claimed: ClaimedCall) async throws {
        _ = try await client.query(APIRequestSQL.release, claimed.apiKey, claimed.name, claimed.link)
    }

    /// Deletes what was kept for long enough.
    public func deleteOld() async throws {
        _ = try await client.query(APIRequestSQL.deleteOld)
    }

    private static func answer(_ row: PostgresRow) throws -> CallAnswer? {
        guard let outcome = try row.decode("outcome", as: String?.self) else { return nil }
        switch outcome {
        case CallAnswer.issuedWord:
            return .issued(
                link: try row.decode("link_id"), keyID: try row.decode("key_id"),
                ticketNumber: try row.ticketNumber("ticket_number"))
        case CallAnswer.plainURLWord: return .plainURL(try row.ticketNumber("ticket_number"))
        default: return .refused(code: outcome, requestID: try row.decode("request_id"))
        }
    }
}

extension CallAnswer {
    fileprivate static let issuedWord = "issued"
    fileprivate static let plainURLWord = "plain-url"
}

extension ClaimedCall {
    /// Of ``APIRequestSQL/answer``.
    func parameters(_ answer: CallAnswer) -> [any PostgresEncodable] {
        switch answer {
        case .issued(_, let keyID, let ticket):
            [apiKey, name, link, requestID, CallAnswer.issuedWord, ticket.text, keyID]
        case .plainURL(let ticket):
            [apiKey, name, link, requestID, CallAnswer.plainURLWord, ticket.text, String?.none]
        case .refused(let code, let requestID):
            [apiKey, name, link, requestID, code, String?.none, String?.none]
        }
    }
}

/// Somebody else has answered the call meanwhile; read it again.
public struct AnsweredMeanwhile: Error {
    public init() {}
}

enum APIRequestSQL {
    private static let isOld = "request.created_at < now() - interval '24 hours'"

    /// One row, or none if it was taken or answered before. After a day a call counts as one that never was. Who takes
    /// a call over from a dead claimer goes on with the same link.
    static let claim = Statement(
        "api_request.claim",
        """
        INSERT INTO otalink.api_request AS request
               (api_key, idempotency_key, body_hash, link_id, request_id, claimed_until)
        VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
        ON CONFLICT (api_key, idempotency_key) DO UPDATE
           SET claimed_until = excluded.claimed_until, request_id = excluded.request_id, body_hash = excluded.body_hash,
               link_id = CASE WHEN \(isOld) THEN excluded.link_id ELSE request.link_id END,
               created_at = CASE WHEN \(isOld) THEN now() ELSE request.created_at END,
               answered_at = NULL, outcome = NULL, ticket_number = NULL, key_id = NULL
         WHERE \(isOld)
            OR (request.answered_at IS NULL AND request.claimed_until <= now() AND request.body_hash = excluded.body_hash)
        RETURNING link_id
        """)

    static let read = Statement(
        "api_request.read", repeatable: true,
        """
        SELECT body_hash, link_id, request_id, outcome, ticket_number, key_id
          FROM otalink.api_request AS request
         WHERE api_key = $1
           AND idempotency_key = $2
        """)

    /// Locks the row until the end of the transaction, so that of two who answer the second finds that it was answered.
    static let answer = Statement(
        "api_request.answer",
        """
        UPDATE otalink.api_request
           SET answered_at = now(), request_id = $4, outcome = $5, ticket_number = $6, key_id = $7
         WHERE api_key = $1
           AND idempotency_key = $2
           AND link_id = $3
           AND answered_at IS NULL
        """)

    static let release = Statement(
        "api_request.release",
        """
        UPDATE otalink.api_request
           SET claimed_until = now()
         WHERE api_key = $1
           AND idempotency_key = $2
           AND link_id = $3
           AND answered_at IS NULL
        """)

    static let deleteOld = Statement(
        "api_request.delete_old",
        "DELETE FROM otalink.api_request WHERE created_at < now() - interval '24 hours'")
}
