extension String {
    /// The text with its long lines broken at spaces, for the plain text of a mail.
    ///
    /// A word is never cut, so a link stays whole, however long it is. Quoted lines (`>`) and lines that fit stay as
    /// they are. Lines end with a line feed.
    ///
    /// - Parameter width: The longest line, in characters.
    public func wrapped(at width: Int = 76) -> String {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.count <= width || $0.hasPrefix(">") ? String($0) : $0.brokenAtSpaces(width) }
            .joined(separator: "\n")
    }
}

extension Substring {
    fileprivate func brokenAtSpaces(_ width: Int) -> String {
        let blanks = prefix { $0 == " " || $0 == "\t" }
        // Every line that this one becomes is indented; more than half of the width would repeat blanks for each word.
        let indentation = blanks.prefix(width / 2)
        var lines: [String] = []
        var line = String(indentation)
        var isEmpty = true
        for word in self[blanks.endIndex...].split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(indentation)
                isEmpty = true
            }
            line += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
