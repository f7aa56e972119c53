import LinkStore

extension StoredNotification {
    /// The message in the first of the languages that there is one in, else any; nil: there are none.
    ///
    /// - Parameter languages: in order of preference, such as `de` or `pt_BR`; a dialect finds its language, and a
    ///   language its dialects.
    public func message(in languages: [String]) -> NotificationMessage? {
        for language in languages.map(Self.subtags) {
            let candidates = messages.filter { Self.subtags($0.language).first == language.first }
            let best = candidates.first { Self.subtags($0.language) == language }
            let general = candidates.first { Self.subtags($0.language).count == 1 }
            if let found = best ?? general ?? candidates.first { return found }
        }
        return messages.first
    }

    private static func subtags(_ language: String) -> [String] {
        language.lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
    }
}
