extension String {
    /// The beginning of the text, whole characters only.
    package func cut(toCodePoints limit: Int) -> String {
        var count = 0
        return String(
            prefix { character in
                count += character.unicodeScalars.count
                return count <= limit
            })
    }
}
