import Foundation

/// The encodings of mails.
enum MailText {
    /// Decodes the encoded words of RFC 2047.
    static func decodingWords(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "=?") {
            let parts = rest[start.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].first == "=", let word = word(parts[0], parts[1], parts[2]) else { break }
            let before = rest[..<start.lowerBound]
            // White space between two encoded words is none.
            if result.isEmpty || !before.allSatisfy(\.isWhitespace) { result += before }
            result += word
            rest = parts[3].dropFirst()
        }
        return result + rest
    }

    private static func word(_ charset: Substring, _ encoding: Substring, _ text: Substring) -> String? {
        switch encoding.lowercased() {
        case "b": Data(base64Encoded: String(text)).map { string(Array($0), charset: String(charset)) }
        case "q":
            string(
                quotedPrintable(Array(text.utf8).map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }),
                charset: String(charset))
        default: nil
        }
    }

    /// The type in lower case, and the parameters.
    static func contentType(_ field: String) -> (type: String, parameters: [String: String]) {
        let parts = field.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let parameters = parts.dropFirst().compactMap { part -> (String, String)? in
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            return (pair[0].lowercased(), pair[1].trimmingCharacters(in: CharacterSet(charactersIn: "\" ")))
        }
        return ((parts.first ?? "").lowercased(), Dictionary(parameters) { first, _ in first })
    }

    static func decodingTransfer(_ bytes: [UInt8], _ encoding: String) -> [UInt8] {
        switch encoding.lowercased().trimmingCharacters(in: .whitespaces) {
        case "base64": Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters).map(Array.init) ?? bytes
        case "quoted-printable": quotedPrintable(bytes)
        default: bytes
        }
    }

    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                result.append(byte)
                continue
            }
            if rest.first == UInt8(ascii: "\n") {
                rest.removeFirst()
            } else if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    static func string(_ bytes: [UInt8], charset: String) -> String {
        switch charset.lowercased() {
        case "iso-8859-1", "latin1", "iso-8859-15", "windows-1252":
            String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default:
            String(decoding: bytes, as: UTF8.self)
        }
    }
}
