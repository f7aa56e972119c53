extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The wrapped type.
    public static var postgresType: PostgresType { Wrapped.postgresType }

    /// True for nil.
    public var isPostgresNull: Bool {
        switch self {
        case .none: true
        case .some(let wrapped): wrapped.isPostgresNull
        }
    }

    /// Appends the wrapped value.
    public func encode(into buffer: inout [UInt8]) {
        if case .some(let wrapped) = self { wrapped.encode(into: &buffer) }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// What an error says that it expected.
    public static var expectedType: String { Wrapped.expectedType }

    /// Reads NULL as nil, anything else as the wrapped type.
    public static func decode(_ value: PostgresValue) -> Wrapped?? {
        guard value.bytes != nil else { return .some(nil) }
        guard let wrapped = Wrapped.decode(value) else { return nil }
        return .some(wrapped)
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresDecodable {}
