/// A sentence with gaps, written as a string literal whose interpolations are cases of `Field`:
/// `"Signed in until \(.time)"`.
///
/// A translator can move the gaps; a gap that does not exist does not compile. The tests see to it that all
/// languages have the same gaps.
package struct Wording<Field: Hashable & Sendable>: Sendable, ExpressibleByStringInterpolation {
    /// A piece of the sentence.
    package enum Part: Sendable {
        case text(String)
        case gap(Field)
    }

    /// The pieces in order.
    package let parts: [Part]

    package init(stringLiteral value: String) { parts = [.text(value)] }

    package init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// The sentence as plain text, its gaps filled by `value`.
    package func filled(_ value: (Field) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .gap(let field): value(field)
            }
        }.joined()
    }

    /// Collects the pieces of a literal; used by the compiler only.
    package struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }

        package mutating func appendInterpolation(_ field: Field) { parts.append(.gap(field)) }
    }
}
