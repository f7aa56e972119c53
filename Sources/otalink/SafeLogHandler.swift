import Logging
import OneTimeLinks

/// Hands lines of the log on without what others may have quoted of ours, see ``ForeignText``. Messages are constant sentences
/// and stay; all metadata is looked at, since nobody can say of an error's text where it came from.
struct SafeLogHandler<Base: LogHandler>: LogHandler {
    private var base: Base
    /// Names of requests are made by us or by proxies of ours, and may look like tokens.
    private static func isExempt(_ key: String) -> Bool { key == "hb.request.id" }

    init(_ base: Base) {
        self.base = base
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = Self.safe(newValue) }
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue.map { Self.isExempt(key) ? $0 : Self.safe($0) } }
    }

    func log(event: LogEvent) {
        var event = event
        event.metadata = event.metadata.map(Self.safe)
        if let error = event.error {
            event.metadata = (event.metadata ?? [:]).merging(["error": Self.safe("\(error)")]) { own, _ in own }
            event.error = nil
        }
        base.log(event: event)
    }

    private static func safe(_ metadata: Logger.Metadata) -> Logger.Metadata {
        metadata.reduce(into: [:]) { safe, entry in
            safe[entry.key] = isExempt(entry.key) ? entry.value : Self.safe(entry.value)
        }
    }

    private static func safe(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        switch value {
        case .string(let text): .string(ForeignText.safe(text, limit: 2_000))
        case .stringConvertible(let thing): .string(ForeignText.safe("\(thing)", limit: 2_000))
        case .array(let values): .array(values.map(safe))
        case .dictionary(let values): .dictionary(safe(values))
        }
    }
}
