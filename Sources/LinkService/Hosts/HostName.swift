import Foundation

/// The name of a host, or an IP address, in the one spelling under which it is compared: lower case, no port, no dot at the end,
/// other letters than ASCII's as punycode (RFC 3492), addresses in their shortest form.
public struct HostName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// - Parameter text: as a header field or an operator has it, with or without a port: `Tickets.Example.ORG.:443`, `[2001:db8::1]`,
    ///   `bücher.example`. Nil if it is neither a name nor an address.
    public init?(_ text: String) {
        guard (1...Self.longestText).contains(text.utf8.count), let host = Self.withoutPort(text) else { return nil }
        if host.contains(":") {
            guard let address = CanonicalAddress(String(host)) else { return nil }
            description = address.bytes.count == 16 ? "[\(address)]" : address.description
            return
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        // The dot at the end says that the name is complete, which names in addresses always are.
        let named = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
        let spelled = named.compactMap(Self.label)
        guard spelled.count == named.count else { return nil }
        let name = spelled.joined(separator: ".")
        guard name.utf8.count <= 253 else { return nil }
        description = name
    }

    /// In bytes: the longest name with a port, and room for letters that punycode writes shorter.
    private static let longestText = 1024

    private static func withoutPort(_ text: String) -> Substring? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let (host, rest) = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...])
            guard host.contains(":"), rest.isEmpty || (rest.first == ":" && isPort(rest.dropFirst())) else {
                return nil
            }
            return host
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else { return text[...] }
        return isPort(text[text.index(after: colon)...]) ? text[..<colon] : nil
    }

    /// May be empty (RFC 3986, 3.2.3).
    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.count <= 5 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Nil for what is none.
    private static func label(_ text: Substring) -> String? {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let folded =
            isASCII ? text.lowercased() : text.precomposedStringWithCompatibilityMapping.lowercased()
        let label =
            folded.utf8.allSatisfy { $0 < 0x80 } ? folded : Punycode.encoded(folded.unicodeScalars).map { "xn--" + $0 }
        guard let label, (1...63).contains(label.utf8.count), label.utf8.allSatisfy(isPartOfLabel) else { return nil }
        return label
    }

    /// Names of machines have underscores now and then.
    private static func isPartOfLabel(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Labels of host names in ASCII (RFC 3492).
enum Punycode {
    /// What stands after `xn--`; nil for a label that is longer than any.
    static func encoded(_ scalars: String.UnicodeScalarView) -> String? {
        let points = scalars.map(\.value)
        // The delta stays far below 32 bits within this length.
        guard points.count <= 63 else { return nil }
        var output = scalars.filter(\.isASCII).map { Character($0) }
        let basic = UInt32(output.count)
        if basic > 0 { output.append("-") }
        var (next, delta, bias, handled) = (UInt32(128), UInt32(0), UInt32(72), basic)
        while handled < points.count {
            guard let smallest = points.filter({ $0 >= next }).min() else { return nil }
            delta += (smallest - next) * (handled + 1)
            next = smallest
            for point in points {
                if point < next { delta += 1 }
                guard point == next else { continue }
                output += digits(of: delta, bias: bias)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return String(output)
    }

    private static func digits(of number: UInt32, bias: UInt32) -> [Character] {
        var (rest, digits, step) = (number, [Character](), UInt32(36))
        while true {
            let threshold = step <= bias ? 1 : min(step - bias, 26)
            guard rest >= threshold else { break }
            digits.append(digit(threshold + (rest - threshold) % (36 - threshold)))
            rest = (rest - threshold) / (36 - threshold)
            step += 36
        }
        return digits + [digit(rest)]
    }

    private static func digit(_ value: UInt32) -> Character {
        Character(Unicode.Scalar(UInt8(value < 26 ? value + 97 : value - 26 + 48)))
    }

    private static func adapted(_ delta: UInt32, count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var steps = UInt32(0)
        while delta > 455 {
            delta /= 35
            steps += 36
        }
        return steps + 36 * delta / (delta + 38)
    }
}
