/// The four messages to customers that an administrator can reword.
public enum CustomerMessage: CaseIterable, Hashable, Sendable {
    /// Sent or shown if a link could not be made; in a mail it stands where the link would be.
    case refreshFailed
    /// Shown when a new link is on its way to the customer's address.
    case newLink
    /// Shown for an invalid token.
    case linkExpired
    /// Shown for an old token while a newer link is active.
    case wrongLink

    /// The name of the setting, the one of the OneTimeAuthenticationLink add-on. `NAME@de` is the text for one
    /// language.
    public var settingName: String {
        switch self {
        case .refreshFailed: "OneTimeAuth::CustomerErrorMessageRefreshFailed"
        case .newLink: "OneTimeAuth::CustomerErrorMessageNewLink"
        case .linkExpired: "OneTimeAuth::CustomerErrorMessageLinkExpired"
        case .wrongLink: "OneTimeAuth::CustomerErrorMessageWrongLink"
        }
    }
}

extension Catalogue {
    /// Heading and text of a message; `text` is the administrator's own wording, nil the built-in one.
    public func notice(_ message: CustomerMessage, text: String? = nil) -> Notice {
        let builtIn =
            switch message {
            case .refreshFailed: customerMessages.refreshFailed
            case .newLink: customerMessages.newLink
            case .linkExpired: customerMessages.linkExpired
            case .wrongLink: customerMessages.wrongLink
            }
        return Notice(heading: builtIn.heading, text: text ?? builtIn.text)
    }
}
