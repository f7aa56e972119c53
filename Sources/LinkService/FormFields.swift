import Foundation

/// The fields of a form in `application/x-www-form-urlencoded`; of fields with one name the first counts.
struct FormFields: Sendable {
    private let values: [String: String]

    init(_ body: String) {
        let pairs = body.split(separator: "&").map { pair -> (String, String) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                let text = String(part).replacing("+", with: " ")
                return text.removingPercentEncoding ?? text
            }
            return (parts[0], parts.count == 2 ? parts[1] : "")
        }
        values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ name: String) -> String? { values[name] }
}
