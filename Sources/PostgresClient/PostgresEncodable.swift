/// A value that can be a parameter of a statement. It is sent in PostgreSQL's binary format, and its type is known
/// before the server is asked, so that a statement needs no round trip of its own to be described.
public protocol PostgresEncodable: Sendable {
    /// The type under which the parameter is announced.
    static var postgresType: PostgresType { get }
    /// Whether the value stands for NULL. ``encode(into:)`` is then not called.
    var isPostgresNull: Bool { get }
    /// Appends the value in binary format.
    func encode(into buffer: inout [UInt8])
}

extension PostgresEncodable {
    /// Values other than optional ones are never NULL.
    public var isPostgresNull: Bool { false }
}

/// A value that can be read from a column in PostgreSQL's binary format.
public protocol PostgresDecodable: Sendable {
    /// What an error says that it expected, in the words of SQL.
    static var expectedType: String { get }
    /// Reads the value, or returns nil if the column's type or bytes are not fit for it.
    static func decode(_ value: PostgresValue) -> Self?
}

/// One value of a row as the server sent it. Valid only during the call that it is passed to.
public struct PostgresValue {
    /// The object id of the value's type.
    public let oid: UInt32
    /// The bytes in binary format; nil for NULL.
    public let bytes: UnsafeRawBufferPointer?

    init(oid: UInt32, bytes: UnsafeRawBufferPointer?) {
        self.oid = oid
        self.bytes = bytes
    }

    /// The bytes as a big-endian integer, if there are exactly as many as the integer has.
    func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        guard let bytes, bytes.count == MemoryLayout<Value>.size else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }
}

extension [UInt8] {
    /// Appends an integer in network byte order.
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
