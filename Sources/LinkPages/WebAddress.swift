/// Which texts may become links.
enum WebAddress {
    /// True for `http://` and `https://` with a host behind it, and nothing in it that ends a URL.
    static func isSafe(_ url: String) -> Bool {
        url.utf8.count <= longest && url.wholeMatch(of: /(?i:https?):\/\/[^\s<>"\/?#][^\s<>"]*/) != nil
    }

    /// What browsers and servers agree on; a longer run of characters is no address that anyone wants to follow.
    private static let longest = 2000

    /// A URL found in running text, without the punctuation of the sentence around it: full stops, commas, quotation
    /// marks, and a closing bracket that was not opened within.
    static func trimmed(_ found: Substring) -> Substring {
        var url = found
        var surplus: [Character: Int] = [:]
        for character in found {
            if let opening = openings[character] {
                surplus[opening, default: 0] += 1
            } else if openings.values.contains(character) {
                surplus[character, default: 0] -= 1
            }
        }
        while let last = url.last {
            if let opening = openings[last] {
                guard let count = surplus[opening], count > 0 else { break }
                surplus[opening] = count - 1
            } else if !punctuation.contains(last) {
                break
            }
            url.removeLast()
        }
        return url
    }

    private static let openings: [Character: Character] = [")": "(", "]": "[", "}": "{"]
    private static let punctuation: Set<Character> = Set(".,;:!?'’“”»›*_")
}
