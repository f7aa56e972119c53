import ArgumentParser
import Foundation
import LinkStore
import Notifications
import OneTimeLinks

struct NotificationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notification", abstract: "Texts that are mailed with a link.",
        discussion: """
            A notification says in one or several languages what a mail says. Tags such as <OTOBO_TICKET_Title> stand for \
            what is known of ticket and customer user, <OTOBO_OTACustomerTicketLink> for the link; docs/notifications.md \
            lists them.

            To have refresh mails say what the desk's notification 42 says:

              otalink notification import Export_Notification.yml
              otalink notification preview 42 --ticket 2026112510000018
              otalink setting set \(SettingName.tokenRefreshNotificationID) 42
            """,
        subcommands: [
            List.self, Show.self, Add.self, Import.self, Export.self, Preview.self, Remove.self,
        ])

    /// The notification, or one line that says what to do.
    static func find(_ id: Int, in store: LinkStore) async throws -> StoredNotification {
        guard let notification = try await store.notifications.find(id: id) else {
            throw ValidationError("There is no notification \(id). See: otalink notification list")
        }
        return notification
    }

    /// What the doctor says of the notifications.
    static func verdict(_ store: LinkStore) async throws -> String {
        let listed = try await store.notifications.listed()
        if let row = listed.unreadable.first { throw Advice(text: "\(row)") }
        let notifications = listed.rows
        if let id = try await store.settings.read().tokenRefreshNotificationID {
            guard let named = notifications.first(where: { $0.id == id }), named.isValid, !named.messages.isEmpty else {
                throw Advice(
                    text:
                        "\(SettingName.tokenRefreshNotificationID) names \(id), which is missing, not valid or empty, so "
                        + "refresh mails have the built-in text. See: otalink notification list")
            }
        }
        let count = notifications.filter { $0.isValid && $0.event != nil }.count
        return "\(notifications.count), of which events send \(count)"
    }

    /// The bytes of a file, or of standard input for `-`; reads no more than a little over the limit.
    static func contents(of path: String, limit: Int) throws -> Data {
        let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let file, let data = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw ValidationError("The file \(path) cannot be read.")
        }
        return data
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List notifications: id, name, event that sends it, languages.",
            discussion: """
                  otalink notification list
                """)
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.notifications.listed()
                try output.print(
                    listed.rows.map(\.row), leavingOut: listed.unreadable, lines: listed.rows.map(\.summary))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a notification with its texts, tags and all.",
            discussion: """
                  otalink notification show 42
                """)
        @Argument(help: "Its id.") var id: Int
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with { surroundings in
                let notification = try await NotificationCommand.find(id, in: surroundings.store)
                var lines = [notification.summary]
                if !notification.comment.isEmpty { lines.append(notification.comment) }
                lines += notification.messages.map { message in
                    "\n--- \(message.language), \(message.contentType.rawValue)\n\(message.subject)\n\n\(message.body)"
                }
                try output.print(notification.row, lines: lines)
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a text in one language, and print the notification's id.",
            discussion: """
                A notification of a new name is made; one that exists gets the text, in place of the one that it had in \
                that language.

                  otalink notification add --name Fresh --language de --subject 'Ihr Link' --body-file fresh.txt
                """)

        @Option(help: "Name of the notification.") var name: String
        @Option(help: "What sends it: \(NotificationEvent.allCases.map(\.rawValue).joined(separator: ", ")).")
        var event: String?
        @Option(help: "Language of the text, such as de.") var language: String
        @Option(help: "Subject of the mail.") var subject: String
        @Option(help: "File with the body, in UTF-8; - for standard input.") var bodyFile: String
        @Option(help: "text/plain or text/html.") var contentType = NotificationMessage.ContentType.plain.rawValue
        @OptionGroup var output: ResultOptions

        func run() async throws {
            let event = try event.map { text in
                guard let event = NotificationEvent(rawValue: text) else {
                    throw ValidationError("There is no event \(text). See: otalink notification add --help")
                }
                return event
            }
            let message = try message()
            try await Surroundings.with { surroundings in
                let id = try await surroundings.store.notifications.add(message, toName: name, event: event)
                try output.print("id", id, line: "\(id)")
            }
        }

        private func message() throws -> NotificationMessage {
            guard let type = NotificationMessage.ContentType(rawValue: contentType) else {
                throw ValidationError("The content type is text/plain or text/html.")
            }
            guard NotificationMessage.isLanguage(language) else {
                throw ValidationError("\(language) is no language such as de or pt_BR.")
            }
            guard name.isSomething, name.count <= 200, subject.isSomething,
                subject.count <= NotificationMessage.longestSubject
            else {
                throw ValidationError(
                    "Name and subject are one line of text each, of up to 200 and \(NotificationMessage.longestSubject) "
                        + "characters.")
            }
            let limit = NotificationMessage.longestBody
            let data = try NotificationCommand.contents(of: bodyFile, limit: limit * 4)
            guard let body = String(data: data, encoding: .utf8), !body.utf8.contains(0) else {
                throw ValidationError("The file \(bodyFile) is not text in UTF-8.")
            }
            guard (1...limit).contains(body.unicodeScalars.count) else {
                throw ValidationError("The body is empty or longer than \(limit) characters.")
            }
            return NotificationMessage(language: language, subject: subject, body: body, contentType: type)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read notifications that the desk exported; they keep their ids.",
            discussion: """
                FILE is what the desk writes at Admin > Ticket Notifications > Export. Notifications of the same ids are \
                replaced; either all are read or none.

                The desk goes on sending what it sends. With --with-events, otalink sends from then on what goes to the \
                customer at one of its events; switch such a notification off at the desk, or customers get it twice. Without \
                it, a notification that otalink sends already keeps its event. Of all changes of state (TicketStateUpdate), otalink \
                mails closes only.

                Tags that otalink does not know become "-" in its mails; the command names them.

                  otalink notification import Export_Notification.yml
                """)
        @Argument(help: "The file; - for standard input.") var file: String
        @Flag(help: "Let otalink send, at its events, what the desk sends to the customer at them.") var withEvents =
            false
        @Flag(help: "Nothing sends what is read, but settings that name it.") var withoutEvents = false
        @OptionGroup var output: ResultOptions

        func validate() throws {
            if withEvents, withoutEvents {
                throw ValidationError("--with-events and --without-events exclude each other.")
            }
        }

        func run() async throws {
            let data = try NotificationCommand.contents(of: file, limit: NotificationYAML.largestFile)
            let notifications = try NotificationYAML.read(data, takingEvents: withEvents)
            let events = withoutEvents ? [:] : try NotificationYAML.events(of: data)
            try await Surroundings.with { surroundings in
                var imported = notifications
                if !withEvents, !withoutEvents {
                    let stored = try await surroundings.store.notifications.list()
                    for index in imported.indices {
                        imported[index].event = stored.first { $0.id == imported[index].id }?.event
                    }
                }
                try await surroundings.store.notifications.replace(imported)
                try output.print(
                    imported.map { $0.row(deskEvents: events[$0.id] ?? []) },
                    lines: imported.map(\.summary) + imported.flatMap { notes(on: $0, deskEvents: events[$0.id] ?? []) }
                )
            }
        }

        /// What a person should know of a notification that was read.
        private func notes(on notification: StoredNotification, deskEvents: [NotificationEvent]) -> [String] {
            var notes: [String] = []
            let tags = NotificationTags.unknownTags(in: notification)
            if !tags.isEmpty {
                notes.append(
                    "\(notification.id): these tags become \"-\" in our mails: \(tags.joined(separator: ", "))")
            }
            if withEvents, let event = notification.event {
                notes.append(
                    "\(notification.id): otalink sends it at \(event.rawValue) from now on. Switch it off at the desk, or "
                        + "customers get it twice.")
            } else if let event = notification.event {
                notes.append("\(notification.id): otalink sends it at \(event.rawValue), as before.")
            } else if !deskEvents.isEmpty {
                let closes = deskEvents.contains(.ticketClose) ? ", but of changes of state at a close only" : ""
                notes.append(
                    "\(notification.id): the desk sends it at \(deskEvents.map(\.deskName).joined(separator: " and ")), and "
                        + "otalink does not. To let otalink send it\(closes), import it with --with-events.")
            }
            return notes
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print notifications in the form that import reads.",
            discussion: """
                The YAML of the desk's own export, so that the desk can read it too.

                  otalink notification export 42 > Export_Notification.yml
                """)
        @Argument(help: "Their ids; none: all.") var ids: [Int] = []

        func run() async throws {
            try await Surroundings.with { surroundings in
                var notifications: [StoredNotification] = []
                if ids.isEmpty {
                    let listed = try await surroundings.store.notifications.listed()
                    // An export that lacks one is not to be taken for all.
                    if let row = listed.unreadable.first { throw Advice(text: "Nothing was exported. \(row)") }
                    notifications = listed.rows
                } else {
                    for id in ids {
                        notifications.append(try await NotificationCommand.find(id, in: surroundings.store))
                    }
                }
                FileHandle.standardOutput.write(try NotificationYAML.write(notifications))
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a notification and its texts.",
            discussion: """
                Mails that name it have the built-in text from then on.

                  otalink notification remove 42
                """)
        @Argument(help: "Its id.") var id: Int
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with { surroundings in
                let isRemoved = try await surroundings.store.notifications.remove(id: id)
                var lines = [isRemoved ? "Removed." : "There is no notification \(id)."]
                if isRemoved, try await surroundings.store.settings.read().tokenRefreshNotificationID == id {
                    lines.append(
                        "\(SettingName.tokenRefreshNotificationID) still names it: refresh mails have the built-in text."
                    )
                }
                try output.print(["removed": isRemoved ? 1 : 0], lines: lines)
            }
        }
    }
}

extension String {
    /// One line of text, not empty.
    fileprivate var isSomething: Bool {
        !allSatisfy(\.isWhitespace) && !unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}

/// A notification as programs read it.
private struct NotificationRow: Encodable {
    struct Message: Encodable {
        let language: String
        let subject: String
        let body: String
        let contentType: String
    }

    let id: Int
    let name: String
    let comment: String
    /// Nil: only a setting that names it sends it.
    let event: String?
    let isValid: Bool
    let messages: [Message]
    /// After an import only: at which of our events the desk sends it to the customer.
    var deskEvents: [String]?
    /// After an import only: the tags that become "-".
    var unknownTags: [String]?
}

extension StoredNotification {
    fileprivate var row: NotificationRow {
        NotificationRow(
            id: id, name: name, comment: comment, event: event?.rawValue, isValid: isValid,
            messages: messages.map { message in
                .init(
                    language: message.language, subject: message.subject, body: message.body,
                    contentType: message.contentType.rawValue)
            })
    }

    fileprivate func row(deskEvents: [NotificationEvent]) -> NotificationRow {
        var row = row
        row.deskEvents = deskEvents.map(\.rawValue)
        row.unknownTags = NotificationTags.unknownTags(in: self)
        return row
    }

    /// One line for people.
    fileprivate var summary: String {
        [
            String(id), name, event?.rawValue ?? "no event", isValid ? "valid" : "invalid",
            messages.isEmpty ? "no text" : messages.map(\.language).joined(separator: ","),
        ].joined(separator: "  ")
    }
}
