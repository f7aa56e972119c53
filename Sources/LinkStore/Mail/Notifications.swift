import OneTimeLinks
import PostgresClient

/// The tables `notification` and `notification_message`.
public struct Notifications: Sendable {
    let client: PostgresClient

    /// All notifications that can be read, by id, with their messages by language.
    public func list() async throws -> [StoredNotification] {
        try await listed().rows
    }

    /// The same, and those that cannot be read, in one of their texts or as a whole.
    public func listed() async throws -> ReadableRows<StoredNotification> {
        var listed = ReadableRows<StoredNotification>()
        // Rows of one notification follow one another.
        for rows in try await client.query(NotificationSQL.list).chunked(by: { try $0.decode("id", as: Int.self) }) {
            do {
                listed.rows += try Self.decode(rows.rows)
            } catch {
                listed.unreadable.append(UnlistedRow(name: String(rows.key), reason: "\(error)"))
            }
        }
        return listed
    }

    /// The notification of that id, valid or not.
    public func find(id: Int) async throws -> StoredNotification? {
        try Self.decode(try await client.query(NotificationSQL.byID, id)).first
    }

    /// The valid notifications that an event sends, by id; those without a message are left out.
    public func find(event: NotificationEvent) async throws -> [StoredNotification] {
        try Self.decode(try await client.query(NotificationSQL.byEvent, event.rawValue)).filter { !$0.messages.isEmpty }
    }

    /// Writes notifications under the ids that they carry, in place of those that are there, all or none. Ids that are
    /// given out later are higher.
    ///
    /// - Throws: `NotificationNameTaken`, or an error of the database.
    public func replace(_ notifications: [StoredNotification]) async throws {
        try await client.transaction("notification.replace") { transaction in
            _ = try await transaction.query(NotificationSQL.lock)
            let taken = try await transaction.query(
                NotificationSQL.nameTaken, notifications.map(\.name), notifications.map(\.id))
            if let (id, name) = try taken.first.map({ try $0.decode(Int.self, String.self) }) {
                throw NotificationNameTaken(name: name, id: id)
            }
            let rows = notifications.flatMap { notification in notification.messages.map { (notification.id, $0) } }
            _ = try await transaction.pipeline([
                (NotificationSQL.delete, [notifications.map(\.id)]),
                (
                    NotificationSQL.insert,
                    [
                        notifications.map(\.id), notifications.map(\.name), notifications.map(\.comment),
                        notifications.map { $0.event?.rawValue }, notifications.map(\.isValid),
                    ]
                ),
                (
                    NotificationSQL.insertMessages,
                    [
                        rows.map(\.0), rows.map(\.1.language), rows.map(\.1.subject), rows.map(\.1.body),
                        rows.map(\.1.contentType.rawValue),
                    ]
                ),
                (NotificationSQL.moveSequence, []),
            ])
        }
    }

    /// Adds a message to the notification of that name, which is made if there is none; a message in the same language
    /// gives way.
    ///
    /// - Parameter event: what is to send it; nil: as it was, and of a new one that nothing does.
    /// - Returns: the notification's id.
    public func add(_ message: NotificationMessage, toName name: String, event: NotificationEvent?) async throws -> Int
    {
        try await client.query(
            NotificationSQL.add, name, event?.rawValue, message.language, message.subject, message.body,
            message.contentType.rawValue
        ).only().decode("id")
    }

    /// Removes a notification and its messages.
    ///
    /// - Returns: false when there is none of that id.
    public func remove(id: Int) async throws -> Bool {
        try await client.query(NotificationSQL.delete, [id]).affectedRows > 0
    }

    /// One row is a notification with one message, or with none; rows of one notification follow one another.
    private static func decode(_ rows: some Sequence<PostgresRow>) throws -> [StoredNotification] {
        var notifications: [StoredNotification] = []
        for row in rows {
            let id: Int = try row.decode("id")
            if notifications.last?.id != id {
                let event: String? = try row.decode("event")
                notifications.append(
                    StoredNotification(
                        id: id, name: try row.decode("name"), comment: try row.decode("comment"),
                        event: try event.map { text in
                            guard let event = NotificationEvent(rawValue: text) else {
                                throw StoredValueError(column: "notification.event")
                            }
                            return event
                        },
                        isValid: try row.decode("is_valid"), messages: []))
            }
            guard let language: String = try row.decode("language", as: String?.self) else { continue }
            notifications[notifications.count - 1].messages.append(
                NotificationMessage(
                    language: language, subject: try row.decode("subject"), body: try row.decode("body"),
                    contentType: try row.rawValue("content_type")))
        }
        return notifications
    }
}

extension Sequence {
    /// Neighbours with the same key, together.
    fileprivate func chunked<Key: Equatable>(by key: (Element) throws -> Key) rethrows -> [(key: Key, rows: [Element])]
    {
        var chunks: [(key: Key, rows: [Element])] = []
        for element in self {
            let key = try key(element)
            if chunks.last?.key != key { chunks.append((key, [])) }
            chunks[chunks.count - 1].rows.append(element)
        }
        return chunks
    }
}

/// A text that is mailed with a link, in one or several languages.
public struct StoredNotification: Hashable, Sendable {
    /// The number that `OneTimeAuth::TokenRefreshNotificationID` names; from 1.
    public var id: Int
    /// For people; no two notifications have the same.
    public var name: String
    /// Remarks, for people.
    public var comment: String
    /// What sends it; nil: only a setting that names it.
    public var event: NotificationEvent?
    /// False: it is not sent.
    public var isValid: Bool
    /// One for each language, by language.
    public var messages: [NotificationMessage]

    public init(
        id: Int, name: String, comment: String = "", event: NotificationEvent? = nil, isValid: Bool = true,
        messages: [NotificationMessage]
    ) {
        self.id = id
        self.name = name
        self.comment = comment
        self.event = event
        self.isValid = isValid
        self.messages = messages
    }
}

/// The text of a notification in one language, with the family's tags in it.
public struct NotificationMessage: Hashable, Sendable {
    /// What a body is written in.
    public enum ContentType: String, Sendable, CaseIterable {
        case plain = "text/plain"
        case html = "text/html"
    }

    /// As the desk writes it: `de`, `pt_BR`.
    public var language: String
    public var subject: String
    public var body: String
    public var contentType: ContentType

    public init(language: String, subject: String, body: String, contentType: ContentType = .plain) {
        self.language = language
        self.subject = subject
        self.body = body
        self.contentType = contentType
    }
}

/// Another notification has the name; the description says what to do.
public struct NotificationNameTaken: Error, Hashable, CustomStringConvertible {
    public let name: String
    public let id: Int

    public var description: String {
        "Notification \(id) has the name \"\(name)\" already. Remove it (otalink notification remove \(id)), or choose "
            + "another name."
    }
}

enum NotificationSQL {
    private static func select(where condition: String) -> String {
        """
        SELECT notification.id::bigint, notification.name, notification.comment, notification.event,
               notification.is_valid, message.language, message.subject, message.body, message.content_type
          FROM otalink.notification
          LEFT JOIN otalink.notification_message AS message ON message.notification_id = notification.id
         WHERE \(condition)
         ORDER BY notification.id, message.language COLLATE "C"
        """
    }

    static let list = Statement("notification.list", repeatable: true, select(where: "true"))

    static let byID = Statement("notification.by_id", repeatable: true, select(where: "notification.id = $1::bigint"))

    static let byEvent = Statement(
        "notification.by_event", repeatable: true,
        select(where: "notification.event = $1 AND notification.is_valid"))

    /// Readers go on; two that replace wait for one another.
    static let lock = Statement("notification.lock", "LOCK TABLE otalink.notification IN SHARE ROW EXCLUSIVE MODE")

    static let nameTaken = Statement(
        "notification.name_taken",
        """
        SELECT id::bigint, name
          FROM otalink.notification
         WHERE name = ANY ($1::text[])
           AND id <> ALL ($2::bigint[])
         ORDER BY id
         LIMIT 1
        """)

    /// The messages go with their notification.
    static let delete = Statement(
        "notification.delete", "DELETE FROM otalink.notification WHERE id = ANY ($1::bigint[])")

    static let insert = Statement(
        "notification.insert",
        """
        INSERT INTO otalink.notification (id, name, comment, event, is_valid)
        SELECT *
          FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[])
        """)

    static let insertMessages = Statement(
        "notification.insert_messages",
        """
        INSERT INTO otalink.notification_message (notification_id, language, subject, body, content_type)
        SELECT *
          FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
        """)

    /// Never backwards: an id that was removed is not given out again.
    static let moveSequence = Statement(
        "notification.move_sequence",
        """
        SELECT setval(pg_get_serial_sequence('otalink.notification', 'id'), highest.id)
          FROM (SELECT max(id) AS id FROM otalink.notification) AS highest,
               otalink.notification_id_seq AS sequence
         WHERE highest.id >= sequence.last_value
        """)

    static let add = Statement(
        "notification.add",
        """
        WITH named AS (
            INSERT INTO otalink.notification AS notification (name, event)
            VALUES ($1, $2::text)
            ON CONFLICT (name) DO UPDATE
               SET event = COALESCE($2::text, notification.event), changed_at = now()
            RETURNING id
        )
        INSERT INTO otalink.notification_message AS message (notification_id, language, subject, body, content_type)
        SELECT id, $3, $4, $5, $6
          FROM named
        ON CONFLICT (notification_id, language) DO UPDATE
           SET subject = excluded.subject, body = excluded.body, content_type = excluded.content_type
        RETURNING notification_id::bigint AS id
        """)
}
