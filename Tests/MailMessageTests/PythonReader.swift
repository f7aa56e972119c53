import Foundation
import Testing

/// What Python's `email` package, a reader that shares no code with ours, sees in a mail.
struct PeerMail: Decodable {
    struct Text: Decodable, Equatable {
        let type: String
        let text: String
        let encoding: String?
    }

    let from: [[String]]
    let to: [[String]]
    let subject: String
    let date: String
    let messageID: String
    let fields: [String: String]
    let type: String
    let texts: [Text]
    let defects: [String]
}

/// Has a batch of mails read by Python, in one process.
func readByPython(_ mails: [[UInt8]]) throws -> [PeerMail] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/read_mail.py")
    let input = FileManager.default.temporaryDirectory.appending(path: "otalink-mails-\(UUID()).json")
    try JSONEncoder().encode(mails.map { Data($0).base64EncodedString() }).write(to: input)
    defer { try? FileManager.default.removeItem(at: input) }

    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = ["python3", script.path()]
    python.standardInput = try FileHandle(forReadingFrom: input)
    let output = Pipe()
    python.standardOutput = output
    try python.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    python.waitUntilExit()
    try #require(python.terminationStatus == 0)
    return try JSONDecoder().decode([PeerMail].self, from: answer)
}
