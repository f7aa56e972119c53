/// One message of the sender and robot tables: a header section and what the rules say about it.
package struct SenderRow: Sendable, CustomStringConvertible {
    package let name: String
    package let header: [UInt8]
    /// The canonical address, or the word of the refusal after `!`.
    package let sender: String
    package let displayName: String?
    /// The word of the reason, or `nil` for a person.
    package let robot: String?
    package let envelopeSender: String?

    package var description: String { name }

    init(
        _ name: String, _ header: String, _ sender: String, name displayName: String? = nil, robot: String? = nil,
        envelope: String? = nil
    ) {
        self.init(name, bytes: Array(header.utf8), sender, name: displayName, robot: robot, envelope: envelope)
    }

    init(
        _ name: String, bytes: [UInt8], _ sender: String, name displayName: String? = nil, robot: String? = nil,
        envelope: String? = nil
    ) {
        self.name = name
        self.header = bytes + Array("\n".utf8)
        self.sender = sender
        self.displayName = displayName
        self.robot = robot
        envelopeSender = envelope
    }

    /// A message whose only interesting line is `From`.
    static func from(_ name: String, _ value: String, _ sender: String, name displayName: String? = nil) -> SenderRow {
        SenderRow(name, "From: \(value)\nTo: desk@example.com\n", sender, name: displayName)
    }

    /// A message from a person, with one more line.
    static func robot(_ name: String, _ line: String, _ robot: String?, envelope: String? = nil) -> SenderRow {
        SenderRow(
            name, "\(line)\nFrom: Jane <jane@example.org>\n", "jane@example.org", name: "Jane", robot: robot,
            envelope: envelope)
    }
}
