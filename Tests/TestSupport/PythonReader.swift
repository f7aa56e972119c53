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

/// Has a batch of mails read by Python, in one process.
public func readByPython(_ mails: [[UInt8]]) async throws -> [PeerMail] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/read_mail.py")
    let input = try JSONEncoder().encode(mails.map { Data($0).base64EncodedString() })
    let finished = try await ChildProcess.run("python3", [script.path()], input: input)
    return try JSONDecoder().decode([PeerMail].self, from: Data(finished.output.utf8))
}
