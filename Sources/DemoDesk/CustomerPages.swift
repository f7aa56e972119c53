/// The desk's customer interface, as far as a sign-in needs one.
///
/// Trusts the header `Remote-User` as the real one does with its HTTP Basic module: without a proxy's secret from anyone, and in any
/// spelling that becomes the same variable in CGI and its kin, which is why a proxy must strip it everywhere else.
struct CustomerPages: Sendable {
    static let path = "/otobo/customer.pl"
    private static let sessionCookie = "OTOBOCustomerInterface"
    private static let browserCookie = "OTOBOBrowserHasCookie"

    let state: DemoDeskState

    func answer(_ question: DeskQuestion) async -> DeskAnswer {
        if state.configuration.forcesHTTPS, !question.isByHTTPS {
            var answer = DeskAnswer(status: 302, contentType: nil, body: "")
            answer.headers = [("Location", "https://\(question.headers["host"] ?? "")\(question.target)")]
            return answer
        }
        let parameters = Dictionary(
            (question.form + question.query).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        if parameters["Action"] == "Login" {
            let wanted = parameters["RequestedURL"] ?? ""
            if let login = await login(parameters, question) { return await signIn(login, wanted: wanted, question) }
            return await page(question, ticket: nil, signedIn: nil, wanted: wanted)
        }
        let cookie = Self.cookies(question)[Self.sessionCookie] ?? parameters[Self.sessionCookie] ?? ""
        return await page(question, ticket: parameters["TicketNumber"], signedIn: state.customer(cookie))
    }

    /// The desk asks its password module first.
    private func login(_ parameters: [String: String], _ question: DeskQuestion) async -> String? {
        if let user = parameters["User"], let password = parameters["Password"],
            await state.caller(login: user, isCustomer: true, password: password) != nil
        {
            return user
        }
        let remoteUser = question.remoteUser
        if let secret = state.configuration.proxySecret {
            guard question.proxySecret == secret, !remoteUser.contains(",") else { return nil }
        }
        return remoteUser.isEmpty ? nil : remoteUser
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

    /// - Parameter wanted: where the sign-in form goes on to; nil: no form.
    private func page(
        _ question: DeskQuestion, ticket number: String?, signedIn: String?, wanted: String? = nil
    ) async -> DeskAnswer {
        var rows: [(String, String)] = [
            ("Ticket", number ?? "none"), ("Remote-User", question.remoteUser.isEmpty ? "none" : question.remoteUser),
            ("Other names", question.otherNames), ("Proxy's secret", question.proxySecret.isEmpty ? "none" : "sent"),
            ("Client", question.headers["x-forwarded-for"] ?? "none"),
            ("Host", question.headers["x-forwarded-host"] ?? "none"), ("Signed in", signedIn ?? "nobody"),
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
            \(wanted.map(Self.form) ?? "")
            </body></html>

            """)
    }

    private static func form(wanted: String) -> String {
        """
        <form method="post" action="\(path)">
        <input type="hidden" name="Action" value="Login"><input type="hidden" name="RequestedURL" value="\(escaped(wanted))">
        <input name="User"><input type="password" name="Password"><button>Log in</button>
        </form>
        """
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
    fileprivate var remoteUser: String { variable { $0 == "REMOTE_USER" } }

    /// What else a proxy could have said about the customer.
    fileprivate var otherNames: String { variable { $0.contains("REMOTE_") && $0 != "REMOTE_USER" } }

    fileprivate var proxySecret: String { variable { $0.hasSuffix("X_OTOBO_PROXY_SECRET") } }

    /// The desk believes a proxy only if that has named the host, too.
    fileprivate var isByHTTPS: Bool {
        headers["x-forwarded-host"]?.isEmpty == false && headers["x-forwarded-proto"] == "https"
    }

    private func variable(_ isNamed: (String) -> Bool) -> String {
        headers.filter { isNamed($0.key.uppercased().replacing("-", with: "_")) && !$0.value.isEmpty }
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
