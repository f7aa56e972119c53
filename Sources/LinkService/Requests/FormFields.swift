import Hummingbird
import OpenIDProvider

/// The fields of a form in `application/x-www-form-urlencoded`, each of which stands once.
struct FormFields: Sendable {
    private let values: [String: String]

    /// - Throws: `HTTPError` 400 for a body that is no form, or has a field twice: which of its values counts would be a guess, and a
    ///   program in between may have looked at the other.
    init(_ body: String) throws(HTTPError) {
        guard let parameters = FormParameters(encoded: body), parameters.repeatedName == nil else {
            throw HTTPError(.badRequest)
        }
        values = Dictionary(parameters.pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ name: String) -> String? { values[name] }
}
