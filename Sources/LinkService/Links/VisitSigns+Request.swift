import HTTPTypes
import Hummingbird
import OneTimeLinks

extension VisitSigns {
    /// What a request shows.
    ///
    /// - Parameter hasCookie: a form cookie of ours is there.
    init(_ request: Request, hasCookie: Bool) {
        let purposes = [HTTPField.Name.secPurpose, .purpose, .xMoz].compactMap { request.headers[$0] }
        self.init(
            isHead: request.method == .head, userAgent: request.headers[.userAgent],
            purpose: purposes.isEmpty ? nil : purposes.joined(separator: " "),
            fetchMode: request.headers[.secFetchMode],
            namesLanguage: request.headers[.acceptLanguage] != nil, hasCookie: hasCookie)
    }
}

extension HTTPField.Name {
    fileprivate static let secPurpose = Self("Sec-Purpose") ?? .date
    fileprivate static let purpose = Self("Purpose") ?? .date
    fileprivate static let xMoz = Self("X-Moz") ?? .date
    fileprivate static let secFetchMode = Self("Sec-Fetch-Mode") ?? .date
}
