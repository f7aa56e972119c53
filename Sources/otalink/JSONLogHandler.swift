import Foundation
import Logging

/// One JSON object a line on standard error: `time`, `level`, `message`, `source`, and the metadata under their own names.
///
/// Messages are constant sentences; what varies is metadata. Neither ever holds a token, a cookie, a password or a key.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: [String: String] = metadata.merging(event.metadata ?? [:]) { _, own in own }.mapValues { "\($0)" }
        line["time"] = Date().ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        line["level"] = event.level.rawValue
        line["message"] = "\(event.message)"
        line["source"] = event.source
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var data = try? encoder.encode(line) else { return }
        data.append(UInt8(ascii: "\n"))
        // One write a line, so that lines of several threads do not mix.
        try? FileHandle.standardError.write(contentsOf: data)
    }
}
