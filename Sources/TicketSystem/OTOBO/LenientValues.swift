/// A field that may be of any shape: what cannot be read is nil and costs its neighbours nothing.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        value = try? Value(from: decoder)
    }
}

/// A list of which single elements may be unreadable; those are left out and counted.
struct LenientList<Element: Decodable & Sendable>: Decodable, Sendable {
    let elements: [Element]
    let unreadable: Int

    /// - Throws: where there is no list.
    init(from decoder: any Decoder) throws {
        let all = try decoder.singleValueContainer().decode([Lenient<Element>].self)
        elements = all.compactMap(\.value)
        unreadable = all.count - elements.count
    }
}
