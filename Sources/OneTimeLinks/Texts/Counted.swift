extension Int {
    /// The number and the noun, which is in the plural for every number but 1: `1 account`, `2 accounts`.
    ///
    /// - Parameter plural: where it has more than an s at its end.
    public func counted(_ singular: String, _ plural: String? = nil) -> String {
        "\(self) \(self == 1 ? singular : plural ?? singular + "s")"
    }
}
