import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient

/// The table `oidc_subject`: what customer users are called towards clients.
public struct Subjects: Sendable {
    let client: PostgresClient

    /// The subject of a customer user, made now if there is none yet, and the address that a link was mailed to.
    ///
    /// - Parameter link: the one that signed in; nil: none did.
    public func facts(login: String, link: UUID?) async throws -> SubjectFacts {
        // Who lost the race to make it finds it at the second look.
        for _ in 0..<2 {
            let row = try await client.query(SubjectSQL.facts, login, UUID().text, link).only()
            if let subject = try row.decode("subject", as: String?.self) {
                return SubjectFacts(subject: subject, mailedTo: try row.decode("mailed_to"))
            }
        }
        throw StoredValueError(column: "oidc_subject.subject")
    }

    /// The subject of a customer user; nil: no client was ever told of them.
    public func find(login: String) async throws -> String? {
        try await client.query(SubjectSQL.find, login).first?.decode(at: 0, as: String.self)
    }
}

/// What a client is told beside what the session knows.
public struct SubjectFacts: Sendable, Hashable {
    public let subject: String
    /// Where the link was mailed to; nil if it was not mailed by us, or was deleted since.
    public let mailedTo: String?
}

enum SubjectSQL {
    static let facts = Statement(
        "oidc_subject.facts",
        """
        WITH made AS (
            INSERT INTO otalink.oidc_subject (customer_login, subject)
            VALUES ($1, $2)
            ON CONFLICT (customer_login) DO NOTHING
            RETURNING subject
        )
        SELECT COALESCE(
                   (SELECT subject FROM made),
                   (SELECT subject FROM otalink.oidc_subject WHERE customer_login = $1)) AS subject,
               (SELECT link.recipient
                  FROM otalink.link
                 WHERE link.id = $3
                   AND link.origin <> 'api') AS mailed_to
        """)

    static let find = Statement(
        "oidc_subject.find", repeatable: true, "SELECT subject FROM otalink.oidc_subject WHERE customer_login = $1")
}
