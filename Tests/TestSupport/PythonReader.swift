import Foundation

/// What Python's `email` package, a reader that shares no code with ours, sees in a mail.
public struct PeerMail: Decodable, Sendable {
    /// A part that is no multipart.
    public struct Text: Decodable, Equatable, Sendable {
        public let type: String
        public let text: String
        public let encoding: String?
    }

    public let from: [[String]]
    public let to: [[String]]
    public let subject: String
    public let date: String
    public let messageID: String
    public let fields: [String: String]
    public let type: String
    public let texts: [Text]
    public let defects: [String]
}

/// The fields and leaf parts of a mail, as the same package sees them.
public struct PeerParts: Decodable, Sendable {
    public struct Part: Decodable, Sendable {
        public let type: String
        /// A text decoded, anything else in base64.
        public let content: String
    }

    /// Name and value of each.
    public let fields: [[String]]
    public let parts: [Part]
    public let defects: [String]
}

/// Has a batch of mails read by Python, in one process.
public func readByPython(_ mails: [[UInt8]]) async throws -> [PeerMail] {
    try await read(mails, by: "read_mail.py")
}

/// The same for mails of any make, part by part.
public func readPartsByPython(_ mails: [[UInt8]]) async throws -> [PeerParts] {
    try await read(mails, by: "read_parts.py")
}

private func read<Mail: Decodable>(_ mails: [[UInt8]], by script: String) async throws -> [Mail] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/\(script)")
    let input = try JSONEncoder().encode(mails.map { Data($0).base64EncodedString() })
    let finished = try await ChildProcess.run("python3", [script.path()], input: input)
    return try JSONDecoder().decode([Mail].self, from: Data(finished.output.utf8))
}
