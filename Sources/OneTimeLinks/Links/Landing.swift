/// Where a customer stands after the click: the setting `Landing`.
public enum Landing: String, CaseIterable, Sendable {
    /// On our own page of the ticket.
    case page
    /// At the desk, signed in by the header that a proxy takes from us.
    case forwardAuth = "forward-auth"
    /// At the desk, which asks our OpenID Connect provider who it is.
    case openIDConnect = "openid-connect"

    /// What a session that begins now gives access to.
    public var scope: SessionScope {
        switch self {
        case .page: .ticket
        case .forwardAuth, .openIDConnect: .account
        }
    }
}
