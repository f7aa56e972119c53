import Foundation
import SMTPSink

/// A directory with one file for each mail, `<n>.eml`.
actor MailDirectory {
    private let directory: URL
    private var lastNumber: Int

    /// Makes the directory if it is missing, and numbers on from the mails in it.
    init(path: String) throws {
        directory = URL(fileURLWithPath: path, isDirectory: true)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        lastNumber = names.filter { $0.hasSuffix(".eml") }.compactMap { Int($0.dropLast(4)) }.max() ?? 0
    }

    /// Writes a mail, its envelope in front, to a file that appears under its name once it is complete.
    func store(_ mail: ReceivedMail) throws -> (number: Int, path: String) {
        lastNumber += 1
        let file = directory.appendingPathComponent("\(lastNumber).eml")
        let envelope = ["X-Envelope-From: <\(mail.envelopeFrom)>"] + mail.recipients.map { "X-Envelope-To: <\($0)>" }
        let head = envelope.map { $0 + "\r\n" }.joined()
        try (Data(head.utf8) + Data(mail.data)).write(to: file, options: .atomic)
        return (lastNumber, file.path)
    }
}
