/// Character references of HTML: the numeric ones, and the names that mail programs use.
package enum HTMLEntity {
    /// The text of the reference at a position, where an `&` stands, and the length of the reference; nil: it is none.
    package static func decode(_ html: [UInt8], at position: Int) -> (text: String, length: Int)? {
        let name = html[(position + 1)...].prefix(longestName + 1)
        guard let semicolon = name.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        guard let text = text(of: String(decoding: name[..<semicolon], as: UTF8.self)) else { return nil }
        return (text, semicolon + 1 - position)
    }

    private static let longestName = 10

    private static func text(of name: String) -> String? {
        guard name.utf8.first == UInt8(ascii: "#") else { return named[name] }
        let digits = name.dropFirst()
        let number =
            digits.first == "x" || digits.first == "X"
            ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
        guard let number, number >= 32 || number == 9 || number == 10, let scalar = Unicode.Scalar(number) else {
            return nil
        }
        return String(Character(scalar))
    }

    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
        "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß",
        "agrave": "à", "aacute": "á", "acirc": "â", "aring": "å", "aelig": "æ", "ccedil": "ç",
        "egrave": "è", "eacute": "é", "ecirc": "ê", "euml": "ë", "iacute": "í", "icirc": "î", "iuml": "ï",
        "ntilde": "ñ", "oacute": "ó", "ocirc": "ô", "oslash": "ø", "ugrave": "ù", "uacute": "ú", "ucirc": "û",
        "euro": "€", "pound": "£", "sect": "§", "copy": "©", "reg": "®", "deg": "°", "middot": "·", "bull": "•",
        "ndash": "–", "mdash": "—", "hellip": "…", "laquo": "«", "raquo": "»", "times": "×",
        "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "trade": "™",
    ]
}
