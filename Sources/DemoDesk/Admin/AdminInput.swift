import Foundation

/// The JSON of a request to the admin side.
struct AdminInput {
    private let json: DeskJSON

    /// No body counts as an empty object.
    init(_ question: DeskQuestion) throws {
        if question.body.isEmpty {
            json = [:]
            return
        }
        guard let json = DeskJSON(parsing: question.body), case .object = json else {
            throw DemoDeskError.invalid("The body is not a JSON object.")
        }
        self.json = json
    }

    func text(_ name: String) -> String? { json[name]?.scalar }

    func required(_ name: String) throws -> String {
        guard let text = text(name), !text.isEmpty else { throw DemoDeskError.invalid("`\(name)` is missing.") }
        return text
    }

    func integer(_ name: String) -> Int? { text(name).flatMap(Int.init) }

    func flag(_ name: String) -> Bool? {
        if case .bool(let flag)? = json[name] { flag } else { nil }
    }

    /// The time named by `at` or `secondsAgo`, or nil when neither is there.
    func time(now: Date) throws -> Date? {
        if let text = text("secondsAgo") {
            guard let seconds = Double(text) else { throw DemoDeskError.invalid("`secondsAgo` is not a number.") }
            return now.addingTimeInterval(-seconds)
        }
        guard let text = text("at") else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw DemoDeskError.invalid("`at` is not a time such as 2026-11-25T12:00:00Z.")
        }
        return date
    }
}
