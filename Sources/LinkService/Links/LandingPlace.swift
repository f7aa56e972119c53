import Foundation
import OneTimeLinks

/// Where browsers go after the click, as addresses.
public struct LandingPlace: Sendable {
    private let baseURL: BaseURL
    private let deskTicketURL: String

    /// - Parameter deskTicketURL: the desk's own address of a ticket, to which its number is appended.
    public init(baseURL: BaseURL, deskTicketURL: String) {
        self.baseURL = baseURL
        self.deskTicketURL = deskTicketURL
    }

    /// The desk's own page of a ticket, or of all tickets.
    func deskURL(of ticket: TicketNumber?) -> String { deskTicketURL + (ticket?.text ?? "") }

    /// Where somebody who has just signed in goes.
    func url(of ticket: TicketNumber, landing: Landing) -> String {
        switch landing {
        case .page: baseURL.pathPrefix + "/t/\(ticket)"
        case .forwardAuth: signInURL(of: ticket)
        // The desk sends the browser back to us, and finds out who it is.
        case .openIDConnect: deskURL(of: ticket)
        }
    }

    /// The desk's sign-in, which reads the header that the proxy sets for this one request, and goes on to the ticket.
    private func signInURL(of ticket: TicketNumber) -> String {
        let parts = deskURL(of: ticket).split(separator: "?", maxSplits: 1)
        guard parts.count == 2, let wanted = parts[1].addingPercentEncoding(withAllowedCharacters: Self.unreserved)
        else { return deskURL(of: ticket) }
        return "\(parts[0])?Action=Login;RequestedURL=\(wanted)"
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// Nil when customers can land there, else what is wrong and what to do.
    public func objection(to landing: Landing) -> String? {
        guard landing == .forwardAuth else { return nil }
        let desk = URLComponents(string: deskTicketURL)
        let host = desk?.host?.lowercased()
        // Cookies know no ports, but they know TLS.
        let port = desk?.port.map { ":\($0)" } ?? ""
        guard let host, host == baseURL.host.lowercased() else {
            return
                "The session cookie belongs to \(baseURL.host) alone, and the desk is elsewhere. Put otalink under the "
                + "desk's host, such as OTALINK_BASE_URL=https://\(host ?? "desk.example.org")\(port)/otalink"
        }
        guard !baseURL.isSecure || desk?.scheme?.lowercased() == "https" else {
            return
                "The session cookie goes over https only, and the desk's address is http. Write OTALINK_DESK_TICKET_URL with https, as "
                + "customers reach the desk."
        }
        guard deskTicketURL.contains("?Action=") else {
            return
                "OTALINK_DESK_TICKET_URL has no query, so the desk's sign-in cannot be made from it. Write it like: "
                + "\(baseURL.origin)/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber="
        }
        return nil
    }

    /// The desk's origin, if it is not ours: forms of ours end in redirects to it.
    var foreignOrigin: String? {
        guard let parts = URLComponents(string: deskTicketURL), let scheme = parts.scheme, let host = parts.host else {
            return nil
        }
        let origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        return origin == baseURL.origin ? nil : origin
    }
}
