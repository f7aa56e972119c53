import Foundation

/// A type whose arrays can be parameters and columns. Most become arrays of PostgreSQL with one dimension; an array
/// of `UInt8` is a `bytea`.
public protocol PostgresArrayElement: Sendable {
    /// The type of an array of such values.
    static var postgresArrayType: PostgresType { get }
    /// What an error says that it expected of an array.
    static var expectedArrayType: String { get }
    /// Appends the array in binary format.
    static func encodeArray(_ elements: [Self], into buffer: inout [UInt8])
    /// Reads an array, or returns nil if the value is none of such elements.
    static func decodeArray(_ value: PostgresValue) -> [Self]?
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// The array type over the element's, or `bytea`.
    public static var postgresType: PostgresType { Element.postgresArrayType }

    /// The array in binary format (`array_recv` of PostgreSQL).
    public func encode(into buffer: inout [UInt8]) {
        Element.encodeArray(self, into: &buffer)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    /// What an error says that it expected.
    public static var expectedType: String { Element.expectedArrayType }

    /// Reads an array with one dimension, or `bytea`.
    public static func decode(_ value: PostgresValue) -> [Element]? {
        Element.decodeArray(value)
    }
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    /// The array over the element's type.
    public static var postgresArrayType: PostgresType { postgresType.array }
    /// What an error says that it expected of an array.
    public static var expectedArrayType: String { expectedType + "[]" }

    /// Number of dimensions, whether there are NULLs, the element's type; for the dimension its length and first index;
    /// then each element's length, or -1 for NULL, and bytes.
    public static func encodeArray(_ elements: [Self], into buffer: inout [UInt8]) {
        buffer.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
        buffer.appendBigEndian(Int32(elements.contains(where: \.isPostgresNull) ? 1 : 0))
        buffer.appendBigEndian(postgresType.oid)
        guard !elements.isEmpty else { return }
        buffer.appendBigEndian(Int32(elements.count))
        buffer.appendBigEndian(Int32(1))
        for element in elements {
            guard !element.isPostgresNull else {
                buffer.appendBigEndian(Int32(-1))
                continue
            }
            let lengthIndex = buffer.count
            buffer.appendBigEndian(Int32(0))
            element.encode(into: &buffer)
            let length = Int32(buffer.count - lengthIndex - 4)
            withUnsafeBytes(of: length.bigEndian) { bytes in
                for (offset, byte) in bytes.enumerated() { buffer[lengthIndex + offset] = byte }
            }
        }
    }

    /// Reads an array with one dimension or none.
    public static func decodeArray(_ value: PostgresValue) -> [Self]? {
        guard let bytes = value.bytes else { return nil }
        var reader = ArrayReader(rest: bytes[...])
        guard let dimensions: Int32 = reader.integer(), reader.integer(Int32.self) != nil,
            let elementOID: UInt32 = reader.integer()
        else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count: Int32 = reader.integer(), count >= 0, reader.integer(Int32.self) != nil
        else { return nil }
        var elements: [Self] = []
        elements.reserveCapacity(min(Int(count), bytes.count / 4))
        for _ in 0..<count {
            guard let content = reader.element(), let element = decode(PostgresValue(oid: elementOID, bytes: content))
            else { return nil }
            elements.append(element)
        }
        return elements
    }
}

/// Takes an array's binary format apart.
private struct ArrayReader {
    var rest: UnsafeRawBufferPointer.SubSequence

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        guard let bytes = take(MemoryLayout<Value>.size) else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    /// The outer nil says that the bytes ended early, the inner one NULL.
    mutating func element() -> UnsafeRawBufferPointer?? {
        guard let length: Int32 = integer() else { return nil }
        if length == -1 { return .some(nil) }
        guard length >= 0, let bytes = take(Int(length)) else { return nil }
        return .some(bytes)
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
}

extension Bool: PostgresArrayElement {}
extension Int16: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension String: PostgresArrayElement {}
extension JSONB: PostgresArrayElement {}
extension UUID: PostgresArrayElement {}
extension Date: PostgresArrayElement {}
extension Data: PostgresArrayElement {}

extension UInt8: PostgresArrayElement {
    /// An array of bytes is a `bytea`.
    public static var postgresArrayType: PostgresType { .bytea }
    /// What an error says that it expected.
    public static var expectedArrayType: String { "bytea" }

    /// The bytes.
    public static func encodeArray(_ elements: [UInt8], into buffer: inout [UInt8]) {
        buffer.append(contentsOf: elements)
    }

    /// Reads `bytea`.
    public static func decodeArray(_ value: PostgresValue) -> [UInt8]? {
        guard value.oid == PostgresType.bytea.oid, let bytes = value.bytes else { return nil }
        return Array(bytes)
    }
}
