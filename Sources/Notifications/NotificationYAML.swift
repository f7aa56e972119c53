import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import Yams

/// Notifications in the form in which the desk exports them (Admin > Ticket Notifications > Export): YAML, a list of
/// maps.
///
/// What is read: `ID`, `Name`, `Comment`, `ValidID`, `Message` (a map of languages to `Subject`, `Body` and
/// `ContentType`), and of `Data` the events and recipients. The rest belongs to the desk and is not looked at.
public enum NotificationYAML {
    /// A larger file is none of these; all of a desk's notifications in all its languages take a tenth.
    public static let largestFile = 4 << 20

    /// The notifications of a file, in its order.
    ///
    /// An event is taken over from notifications that go to the customer: a desk has many that go to agents.
    ///
    /// - Parameter takingEvents: false: what is read is sent by nothing until somebody says so.
    /// - Throws: `NotificationFileError`.
    public static func read(
        _ file: Data, takingEvents: Bool = true
    ) throws(NotificationFileError) -> [StoredNotification] {
        let entries = try NotificationFile.entries(of: file)
        var notifications: [StoredNotification] = []
        var numbers: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            let notification = try NotificationEntry(entry, number: index + 1).notification(takingEvents: takingEvents)
            for key in ["ID \(notification.id)", "Name \(notification.name)"] {
                guard let other = numbers.updateValue(index + 1, forKey: key) else { continue }
                throw NotificationFileError(
                    "notification \(index + 1)", line: entry.mark?.line,
                    problem: "has the ID or the Name of notification \(other)", advice: "Take one of the two out.")
            }
            notifications.append(notification)
        }
        return notifications
    }

    /// At which of our events the desk sends the notifications of a file to the customer, by their ids.
    ///
    /// - Throws: `NotificationFileError`.
    public static func events(of file: Data) throws(NotificationFileError) -> [Int: [NotificationEvent]] {
        var events: [Int: [NotificationEvent]] = [:]
        for (index, entry) in try NotificationFile.entries(of: file).enumerated() {
            let found = try NotificationEntry(entry, number: index + 1).customerEvents()
            events[found.id] = found.events
        }
        return events
    }

    /// The file that ``read(_:takingEvents:)`` reads back as the same notifications. The desk can read it too.
    ///
    /// An event that the desk does not have is written in our own word for it, so that there it sends nothing.
    public static func write(_ notifications: [StoredNotification]) throws -> Data {
        let node = Node(notifications.map(entry), .implicit, notifications.isEmpty ? .flow : .block)
        return Data(try Yams.serialize(node: node, width: -1, allowUnicode: true, explicitStart: true).utf8)
    }

    private static func entry(_ notification: StoredNotification) -> Node {
        let data: [(Node, Node)] = [
            ("Events", list([notification.event?.rawValue].compactMap(\.self))), ("Recipients", list(["Customer"])),
            ("Transports", list(["Email"])),
        ]
        let messages = notification.messages.map { message in
            (
                text(message.language),
                map([
                    ("Body", text(message.body)), ("ContentType", text(message.contentType.rawValue)),
                    ("Subject", text(message.subject)),
                ])
            )
        }
        return map([
            ("Comment", text(notification.comment)), ("Data", map(data)), ("ID", Node(String(notification.id))),
            ("Message", map(messages)), ("Name", text(notification.name)),
            ("ValidID", Node(notification.isValid ? "1" : "2")),
        ])
    }

    /// Text is quoted, so that no reader takes it for anything else: `no` is a language, not a falsehood.
    private static func text(_ text: String) -> Node { Node(text, Tag(.str), .singleQuoted) }

    private static func map(_ pairs: [(Node, Node)]) -> Node { Node(pairs, .implicit, pairs.isEmpty ? .flow : .block) }

    private static func list(_ texts: [String]) -> Node {
        Node(texts.map(text), .implicit, texts.isEmpty ? .flow : .block)
    }
}

/// Why a file of notifications was not read: what is wrong, where, and what to do.
public struct NotificationFileError: Error, Hashable, CustomStringConvertible {
    /// The part of the file, such as `notification 2, Message, de, Body`.
    public let place: String
    /// Counted from 1; nil: of no line in particular.
    public let line: Int?
    public let problem: String
    public let advice: String

    init(_ place: String, line: Int? = nil, problem: String, advice: String) {
        self.place = place
        self.line = line
        self.problem = problem
        self.advice = advice
    }

    public var description: String {
        let line = line.map { " (line \($0))" } ?? ""
        return "\(place)\(line): \(problem). \(advice)"
    }
}
