import Catalogue
import Text

/// A piece of HTML.
///
/// Only literals of the source code are taken as they are. Whatever is put into one by interpolation is
/// escaped, unless it is HTML itself, so that text from elsewhere cannot become markup by mistake.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var source: String

    /// Markup as written in the source code.
    init(stringLiteral value: StaticString) { source = value.description }

    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    /// Text as text: escaped, without control characters, on one line.
    init(text: String) { source = HTMLEscaping.escaped(PlainText.line(text)) }

    /// Text whose lines are kept, for places where white space shows.
    init(lines: String) { source = HTMLEscaping.escaped(PlainText.lines(lines)) }

    /// Text that a form has to give back byte for byte: escaped, and nothing taken out.
    init(exactly text: String) { source = HTMLEscaping.escaped(text) }

    /// Text that may run in either direction, kept from rearranging what stands beside it.
    static func isolated(_ text: String) -> HTML { "<bdi>\(text)</bdi>" }

    /// A sentence of the catalogue, its gaps filled with markup.
    init<Field>(_ wording: Wording<Field>, _ value: (Field) -> HTML) {
        source = wording.parts.map { part in
            switch part {
            case .text(let text): HTMLEscaping.escaped(text)
            case .gap(let field): value(field).source
            }
        }.joined()
    }

    /// Pieces one after the other.
    init(_ pieces: [HTML]) { source = pieces.map(\.source).joined() }

    static func + (left: HTML, right: HTML) -> HTML { HTML([left, right]) }

    /// Collects a literal; used by the compiler only.
    struct StringInterpolation: StringInterpolationProtocol {
        var source = ""

        init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: StaticString) { source += literal.description }

        mutating func appendInterpolation(_ text: String) { source += HTML(text: text).source }

        mutating func appendInterpolation(_ html: HTML) { source += html.source }

        /// Nothing, where there is nothing.
        mutating func appendInterpolation(_ html: HTML?) { source += html?.source ?? "" }

        mutating func appendInterpolation(_ pieces: [HTML]) { source += HTML(pieces).source }
    }
}
