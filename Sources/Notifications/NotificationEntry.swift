import LinkStore
import MailMessage
import OneTimeLinks
import Yams

/// One map of the desk's export, with its place in the file for error messages.
struct NotificationEntry {
    private let map: Node.Mapping
    private let place: String
    private let line: Int?

    /// - Parameter number: its place in the list, from 1.
    init(_ node: Node, number: Int) throws(NotificationFileError) {
        try self.init(node, place: "notification \(number)")
    }

    private init(_ node: Node, place: String) throws(NotificationFileError) {
        guard case .mapping(let map) = node else {
            throw NotificationFileError(
                place, line: node.mark?.line, problem: "is \(node.kind), and must be a map",
                advice: NotificationFile.exportAgain)
        }
        self.map = map
        self.place = place
        line = node.mark?.line
    }

    func notification(takingEvents: Bool) throws(NotificationFileError) -> StoredNotification {
        let id = try number("ID", in: 1...Int(Int32.max), "the number of a notification, from 1")
        let valid = try number("ValidID", in: 1...Int(Int32.max), "1 (valid), 2 (invalid) or 3 (invalid for now)")
        let name = try text("Name", limit: 200, isLine: true)
        let comment =
            map["Comment"].map(Self.isNull) == false ? try text("Comment", limit: 2_000, mayBeEmpty: true) : ""
        let event = takingEvents ? try event() : nil
        let messages = try messages()
        return StoredNotification(
            id: id, name: name, comment: comment, event: event, isValid: valid == 1, messages: messages)
    }

    // MARK: Messages

    private func messages() throws(NotificationFileError) -> [NotificationMessage] {
        let languages = try NotificationEntry(try node("Message"), place: "\(place), Message")
        guard !languages.map.isEmpty else { throw languages.error("has no language") }
        var messages: [NotificationMessage] = []
        for (key, value) in languages.map {
            guard let language = key.string, NotificationMessage.isLanguage(language) else {
                throw languages.error("has a key that is no language such as de or pt_BR", at: key)
            }
            let entry = try NotificationEntry(value, place: "\(place), Message, \(language)")
            messages.append(try entry.message(in: language))
        }
        return messages.sorted { $0.language.utf8.lexicographicallyPrecedes($1.language.utf8) }
    }

    private func message(in language: String) throws(NotificationFileError) -> NotificationMessage {
        let type = try text("ContentType", limit: 100, isLine: true)
        let media = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard let contentType = NotificationMessage.ContentType(rawValue: media) else {
            throw error("has a ContentType that is neither text/plain nor text/html", at: map["ContentType"])
        }
        return NotificationMessage(
            language: language, subject: try text("Subject", limit: NotificationMessage.longestSubject),
            body: try text("Body", limit: NotificationMessage.longestBody), contentType: contentType)
    }

    // MARK: Events

    /// Its number, and those of our events at which the desk sends it to the customer.
    func customerEvents() throws(NotificationFileError) -> (id: Int, events: [NotificationEvent]) {
        let id = try number("ID", in: 1...Int(Int32.max), "the number of a notification, from 1")
        // Our own word for a close is no event of the desk.
        let events = try namedEvents().events.filter { $0.name == $0.event.deskName }
        return (id, events.map(\.event))
    }

    private typealias NamedEvent = (name: String, event: NotificationEvent)

    /// Those that send it to the customer, as the file names them, in order.
    private func namedEvents() throws(NotificationFileError) -> (events: [NamedEvent], line: Int?) {
        guard let node = map["Data"], !Self.isNull(node) else { return ([], nil) }
        let data = try NotificationEntry(node, place: "\(place), Data")
        guard try data.texts("Recipients").contains("Customer") else { return ([], nil) }
        let events = Set(try data.texts("Events")).sorted().compactMap { name in
            NotificationEvent(deskName: name).map { (name, $0) }
        }
        return (events, data.map["Events"]?.mark?.line)
    }

    /// The one of our events that sends it to the customer, if there is one.
    private func event() throws(NotificationFileError) -> NotificationEvent? {
        let (events, line) = try namedEvents()
        guard Set(events.map(\.event)).count <= 1 else {
            let names = events.map(\.name).joined(separator: ", ")
            throw NotificationFileError(
                "\(place), Data, Events", line: line,
                problem: "names \(names), and here a single event sends a notification",
                advice: "Leave one of them, or import without --with-events.")
        }
        return events.first?.event
    }

    private func texts(_ key: String) throws(NotificationFileError) -> [String] {
        guard let node = map[key], !Self.isNull(node) else { return [] }
        guard case .sequence(let list) = node else {
            throw error("has a field \(key) that is \(node.kind), and must be a list", at: node)
        }
        var texts: [String] = []
        for element in list {
            guard let text = element.string else {
                throw error("has in its list \(key) \(element.kind), and only texts belong there", at: element)
            }
            texts.append(text)
        }
        return texts
    }

    // MARK: Fields

    private func node(_ key: String) throws(NotificationFileError) -> Node {
        guard let node = map[key], !Self.isNull(node) else { throw error("has no field \(key)") }
        return node
    }

    private func text(
        _ key: String, limit: Int, isLine: Bool = false, mayBeEmpty: Bool = false
    ) throws(NotificationFileError) -> String {
        let node = try node(key)
        guard let text = node.string else {
            throw error("has a field \(key) that is \(node.kind), and must be a text", at: node)
        }
        if text.unicodeScalars.count > limit { throw error("has a \(key) of more than \(limit) characters", at: node) }
        if !mayBeEmpty, text.allSatisfy(\.isWhitespace) { throw error("has an empty \(key)", at: node) }
        let isAllowed = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F || !isLine && ["\n", "\r", "\t"].contains(scalar)
        }
        guard isAllowed else { throw error("has a control character in its \(key)", at: node) }
        return text
    }

    private func number(
        _ key: String, in range: ClosedRange<Int>, _ meaning: String
    ) throws(NotificationFileError) -> Int {
        let node = try node(key)
        guard let text = node.string, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            range.contains(number)
        else { throw error("has a field \(key) that is not \(meaning)", at: node) }
        return number
    }

    private func error(_ problem: String, at node: Node? = nil) -> NotificationFileError {
        NotificationFileError(
            place, line: node?.mark?.line ?? line, problem: problem, advice: NotificationFile.exportAgain)
    }

    /// `~`, `null`, or nothing at all, not in quotes.
    private static func isNull(_ node: Node) -> Bool { node.null != nil }
}

extension NotificationMessage {
    /// In characters (Unicode scalars).
    public static let longestSubject = 500
    /// In characters (Unicode scalars).
    public static let longestBody = 200_000

    /// True for the desk's names of languages: two to eight letters, and parts behind `_` or `-`.
    public static func isLanguage(_ text: String) -> Bool {
        text.utf8.count <= 20 && text.wholeMatch(of: /[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*/) != nil
    }
}
