extension Bool: PostgresEncodable, PostgresDecodable {
    /// `boolean`
    public static var postgresType: PostgresType { .bool }
    /// What an error says that it expected.
    public static var expectedType: String { "boolean" }

    /// One byte, 0 or 1.
    public func encode(into buffer: inout [UInt8]) {
        buffer.append(self ? 1 : 0)
    }

    /// Reads `boolean`.
    public static func decode(_ value: PostgresValue) -> Bool? {
        guard value.oid == PostgresType.bool.oid, let byte: UInt8 = value.integer() else { return nil }
        return byte != 0
    }
}

extension FixedWidthInteger {
    /// Reads any of the three integer types whose value fits.
    static func decodeInteger(_ value: PostgresValue) -> Self? {
        switch value.oid {
        case PostgresType.int2.oid: value.integer(Int16.self).flatMap(Self.init(exactly:))
        case PostgresType.int4.oid: value.integer(Int32.self).flatMap(Self.init(exactly:))
        case PostgresType.int8.oid: value.integer(Int64.self).flatMap(Self.init(exactly:))
        default: nil
        }
    }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    /// `smallint`
    public static var postgresType: PostgresType { .int2 }
    /// What an error says that it expected.
    public static var expectedType: String { "smallint" }

    /// Two bytes.
    public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }

    /// Reads any integer type whose value fits.
    public static func decode(_ value: PostgresValue) -> Int16? { decodeInteger(value) }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    /// `integer`
    public static var postgresType: PostgresType { .int4 }
    /// What an error says that it expected.
    public static var expectedType: String { "integer" }

    /// Four bytes.
    public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }

    /// Reads any integer type whose value fits.
    public static func decode(_ value: PostgresValue) -> Int32? { decodeInteger(value) }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    /// `bigint`
    public static var postgresType: PostgresType { .int8 }
    /// What an error says that it expected.
    public static var expectedType: String { "bigint" }

    /// Eight bytes.
    public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(self) }

    /// Reads any integer type.
    public static func decode(_ value: PostgresValue) -> Int64? { decodeInteger(value) }
}

extension Int: PostgresEncodable, PostgresDecodable {
    /// `bigint`
    public static var postgresType: PostgresType { .int8 }
    /// What an error says that it expected.
    public static var expectedType: String { "bigint" }

    /// Eight bytes.
    public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(Int64(self)) }

    /// Reads any integer type.
    public static func decode(_ value: PostgresValue) -> Int? { decodeInteger(value) }
}

extension Double: PostgresEncodable, PostgresDecodable {
    /// `double precision`
    public static var postgresType: PostgresType { .float8 }
    /// What an error says that it expected.
    public static var expectedType: String { "double precision" }

    /// Eight bytes, IEEE 754.
    public func encode(into buffer: inout [UInt8]) { buffer.appendBigEndian(bitPattern) }

    /// Reads `double precision` and `real`.
    public static func decode(_ value: PostgresValue) -> Double? {
        switch value.oid {
        case PostgresType.float8.oid: value.integer(UInt64.self).map(Double.init(bitPattern:))
        case PostgresType.float4.oid: value.integer(UInt32.self).map { Double(Float(bitPattern: $0)) }
        default: nil
        }
    }
}
