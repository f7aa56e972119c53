import Crypto
import Foundation
import Hummingbird
import LinkPages
import OneTimeLinks

/// The two cookies of the service.
struct BrowserCookies: Sendable {
    private let isSecure: Bool
    private let keys: KeyRing
    private let sessionName: String
    private let formName: String

    init(baseURL: BaseURL, keys: KeyRing) {
        self.keys = keys
        isSecure = baseURL.isSecure
        // `__Host-` binds a cookie to this host over TLS; loopback without TLS has to do without.
        let prefix = baseURL.isSecure ? "__Host-" : ""
        sessionName = prefix + "otalink"
        formName = prefix + "otalink-form"
    }

    /// The text of the session cookie, if the browser sent one.
    func session(_ request: Request) -> String? {
        request.cookies[sessionName]?.value
    }

    /// The form cookie of a browser: 32 hexadecimal digits; nil when it sent none or another text.
    func form(_ request: Request) -> [UInt8]? {
        guard let text = request.cookies[formName]?.value, text.utf8.count == 32 else { return nil }
        return [UInt8](hexadecimal: text)
    }

    /// The form cookie of a browser, or a new one for it.
    func formOrNew(_ request: Request) -> [UInt8] {
        form(request) ?? (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    }

    /// What is kept of the browser beside a link that it spent.
    func browserHash(_ form: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: form))
    }

    /// The hidden value of a form: an authentication code over what the form is about, a link's id, and the form cookie.
    func proof(about subject: [UInt8], form: [UInt8]) -> String {
        keys.code(over: subject + form, as: .form).hexadecimal
    }

    /// True when the fields prove that their form was made for this subject and cookie.
    func isProven(_ fields: FormFields, about subject: [UInt8], form: [UInt8]) -> Bool {
        guard let code = fields[PostForm.proofName].flatMap({ [UInt8](hexadecimal: $0) }) else { return false }
        return keys.isAuthentic(code, over: subject + form, as: .form)
    }

    /// What a browser sent of a form of ours; nil if the page that the form stands on was not given to this browser, or for
    /// something else.
    ///
    /// - Parameter origin: ours.
    func provenForm(
        _ request: Request, origin own: String, about subject: [UInt8]
    ) async throws -> (form: [UInt8], fields: FormFields)? {
        // A page with no-referrer sends "Origin: null"; then cookie and form value must do.
        let site = request.headers[.secFetchSite]
        guard site == nil || site == "same-origin" else { return nil }
        let origin = request.headers[.origin]
        guard origin == nil || origin == "null" || origin == own else { return nil }
        guard let form = form(request) else { return nil }
        let fields = FormFields(String(buffer: try await request.body(upTo: 4096)))
        return isProven(fields, about: subject, form: form) ? (form, fields) : nil
    }

    func setSession(_ text: String, in response: inout Response) {
        response.setCookie(cookie(sessionName, text))
    }

    func setForm(_ form: [UInt8], in response: inout Response) {
        response.setCookie(cookie(formName, form.hexadecimal))
    }

    func removeSession(in response: inout Response) {
        response.setCookie(
            Cookie(
                name: sessionName, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true,
                sameSite: .lax))
    }

    private func cookie(_ name: String, _ value: String) -> Cookie {
        Cookie(name: name, value: value, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
    }
}

extension [UInt8] {
    /// Two digits a byte, in lower case.
    var hexadecimal: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil for an odd count or other characters.
    init?(hexadecimal text: String) {
        let nibbles = text.utf8.map { byte -> UInt8? in
            switch byte {
            case 48...57: byte - 48
            case 97...102: byte - 87
            default: nil
            }
        }
        guard nibbles.count.isMultiple(of: 2), !nibbles.contains(nil) else { return nil }
        let values = nibbles.compactMap { $0 }
        self = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
