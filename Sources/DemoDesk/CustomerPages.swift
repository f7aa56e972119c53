/// The desk's customer interface, as far as a sign-in needs one.
///
/// Trusts the header `Remote-User` as the real one does with its HTTP Basic module: from anyone, and in any spelling that
/// becomes the same variable in CGI and its kin, which is why a proxy must strip it everywhere else.
struct CustomerPages: Sendable {
    static let path = "/otobo/customer.pl"
    private static let sessionCookie = "OTOBOCustomerInterface"
    private static let browserCookie = "OTOBOBrowserHasCookie"

    let state: DemoDeskState

    func answer(_ question: DeskQuestion) async -> DeskAnswer {
        let parameters = Dictionary(question.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let remoteUser = question.remoteUser
        if parameters["Action"] == "Login", !remoteUser.isEmpty {
            return await signIn(remoteUser, wanted: parameters["RequestedURL"] ?? "", question)
        }
        let cookie = Self.cookies(question)[Self.sessionCookie] ?? parameters[Self.sessionCookie] ?? ""
        return await page(ticket: parameters["TicketNumber"], remoteUser: remoteUser, signedIn: state.customer(cookie))
    }

    private func signIn(_ login: String, wanted: String, _ question: DeskQuestion) async -> DeskAnswer {
        let key = await state.openCustomerSession(of: login)
        var location = Self.path + "?" + wanted
        // Unless the browser has shown that it takes cookies, the session travels in the URL.
        if Self.cookies(question)[Self.browserCookie] != "1" { location += ";\(Self.sessionCookie)=\(key)" }
        var answer = DeskAnswer(status: 302, contentType: nil, body: "")
        answer.headers = [
            ("Location", location), ("Set-Cookie", "\(Self.sessionCookie)=\(key); path=/otobo/; HttpOnly"),
        ]
        return answer
    }

    private func page(ticket number: String?, remoteUser: String, signedIn: String?) async -> DeskAnswer {
        var rows: [(String, String)] = [
            ("Ticket", number ?? "none"), ("Remote-User", remoteUser.isEmpty ? "none" : remoteUser),
            ("Signed in", signedIn ?? "nobody"),
        ]
        if let number, let ticket = await state.ticket(number) {
            rows += [("Title", ticket.title), ("State", ticket.state.rawValue), ("Customer", ticket.customerLogin)]
        }
        let list = rows.map { "<dt>\(Self.escaped($0.0))</dt><dd>\(Self.escaped($0.1))</dd>" }.joined(separator: "\n")
        return .html(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Demo desk</title></head>
            <body><h1>Demo desk: customers</h1>
            <dl>
            \(list)
            </dl>
            </body></html>

            """)
    }

    private static func cookies(_ question: DeskQuestion) -> [String: String] {
        let pairs = (question.headers["cookie"] ?? "").split(separator: ";").map { pair in
            pair.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}

extension DeskQuestion {
    /// The variable `HTTP_REMOTE_USER` (RFC 3875, 4.1.18): capitals, hyphens for underscores, several fields joined.
    fileprivate var remoteUser: String {
        headers.filter { $0.key.uppercased().replacing("-", with: "_") == "REMOTE_USER" && !$0.value.isEmpty }
            .sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
    }
}

extension DemoDeskState {
    func openCustomerSession(of login: String) -> String {
        openSession(of: .customer(login: login), from: "browser")
    }

    /// The logins that have a session of the customer interface.
    public var customersSignedIn: Set<String> {
        Set(
            sessions.values.compactMap { session in
                if case .customer(let login) = session.caller { login } else { nil }
            })
    }

    /// Who is signed in to the customer interface with the key.
    func customer(_ key: String) -> String? {
        guard case .customer(let login)? = session(key, from: "browser")?.caller else { return nil }
        return login
    }
}
