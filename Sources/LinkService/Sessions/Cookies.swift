import Crypto
import Foundation
import Hummingbird
import LinkPages
import OneTimeLinks

/// The cookies of the service: the session's, and the form cookies.
///
/// A form carries an authentication code over what it is about and a form cookie. A browser has one form cookie, except that each page
/// which it opens before it has any sets another: of several at once the last one that arrives would make the forms of the others
/// worthless. So such a first page sets its value a second time, under a name of its own, and a form is good with any form cookie that
/// the browser sends. Which of them were sent also tells the clicks of one browser from those of another.
struct BrowserCookies: Sendable {
    /// More are not looked at.
    private static let mostForms = 32
    /// Seconds that a first page's form is good although another page's cookie has taken the usual name.
    private static let firstPageTime = 86_400

    private let isSecure: Bool
    let keys: KeyRing
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

    /// The form cookies that a browser sent, the usual one first; others are 32 hexadecimal digits too, or not looked at.
    func forms(_ request: Request) -> [[UInt8]] {
        var usual: [[UInt8]] = []
        var others: [[UInt8]] = []
        for field in request.headers[values: .cookie] {
            for part in field.split(separator: ";") {
                let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, pair[0].hasPrefix(formName), pair[1].utf8.count == 32,
                    let value = [UInt8](hexadecimal: String(pair[1]))
                else { continue }
                if pair[0] == formName {
                    usual.append(value)
                } else if pair[0].dropFirst(formName.count).first == "-" {
                    others.append(value)
                }
            }
        }
        var seen: Set<[UInt8]> = []
        return Array((usual + others).filter { seen.insert($0).inserted }.prefix(Self.mostForms))
    }

    /// The form cookie of a browser, or a new one for it.
    func formOrNew(_ request: Request) -> [UInt8] {
        forms(request).first ?? (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    }

    /// What is kept of the form cookies that a browser sent.
    func formHashes(_ request: Request) -> [[UInt8]] {
        forms(request).map(browserHash)
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
        let forms = forms(request)
        guard !forms.isEmpty else { return nil }
        let fields = try FormFields(String(buffer: try await request.body(upTo: 4096)))
        return forms.first { isProven(fields, about: subject, form: $0) }.map { ($0, fields) }
    }

    func setSession(_ text: String, in response: inout Response) {
        response.setCookie(cookie(sessionName, text))
    }

    /// Sets the form cookie; if the browser sent none, under a name of its own too.
    func setForm(_ form: [UInt8], for request: Request, in response: inout Response) {
        response.setCookie(cookie(formName, form.hexadecimal))
        guard forms(request).isEmpty else { return }
        let name = formName + "-" + form.prefix(4).map { $0 }.hexadecimal
        response.setCookie(cookie(name, form.hexadecimal, maxAge: Self.firstPageTime))
    }

    func removeSession(in response: inout Response) {
        response.setCookie(
            Cookie(
                name: sessionName, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true,
                sameSite: .lax))
    }

    private func cookie(_ name: String, _ value: String, maxAge: Int? = nil) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: maxAge, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
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
