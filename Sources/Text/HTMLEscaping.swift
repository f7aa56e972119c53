/// Writing text into HTML.
package enum HTMLEscaping {
    /// Text with its special characters escaped: for text and for quoted attribute values alike.
    package static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// HTML in which every character outside ASCII is written by its number, for a document of unknown character set.
    package static func inASCII(_ html: String) -> String {
        if html.utf8.allSatisfy({ $0 < 0x80 }) { return html }
        return html.unicodeScalars.map { $0.isASCII ? String($0) : "&#\($0.value);" }.joined()
    }
}
