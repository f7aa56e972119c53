import Foundation

extension String: PostgresEncodable, PostgresDecodable {
    /// `text`
    public static var postgresType: PostgresType { .text }
    /// What an error says that it expected.
    public static var expectedType: String { "text" }

    /// UTF-8 without U+0000, which no text of PostgreSQL can hold (SQLSTATE 22021): one such character in one of many rows would
    /// fail them all.
    public func encode(into buffer: inout [UInt8]) {
        let start = buffer.count
        buffer.append(contentsOf: utf8)
        guard buffer[start...].contains(0) else { return }
        buffer.replaceSubrange(start..., with: buffer[start...].filter { $0 != 0 })
    }

    /// Reads the text types, `json`, `jsonb`, and types made by a schema or extension whose binary format is
    /// their text, such as enumerations and `citext`.
    public static func decode(_ value: PostgresValue) -> String? {
        guard let bytes = value.bytes else { return nil }
        switch value.oid {
        case PostgresType.text.oid, PostgresType.varchar.oid, PostgresType.name.oid, PostgresType.bpchar.oid,
            PostgresType.json.oid, 18, 705, PostgresType.firstUserDefinedOID...:
            return String(validating: bytes, as: UTF8.self)
        case PostgresType.jsonb.oid:
            return JSONB.decode(value)?.text
        default:
            return nil
        }
    }
}

/// A value of type `jsonb` as its text. The client neither checks nor normalises it.
public struct JSONB: Sendable, Hashable, PostgresEncodable, PostgresDecodable {
    /// The JSON text.
    public let text: String

    /// Wraps a JSON text.
    public init(_ text: String) {
        self.text = text
    }

    /// `jsonb`
    public static var postgresType: PostgresType { .jsonb }
    /// What an error says that it expected.
    public static var expectedType: String { "jsonb" }

    /// The version of the format, which is 1 (`jsonb_recv` of PostgreSQL), and the text.
    public func encode(into buffer: inout [UInt8]) {
        buffer.append(1)
        buffer.append(contentsOf: text.utf8)
    }

    /// Reads `jsonb` and `json`.
    public static func decode(_ value: PostgresValue) -> JSONB? {
        guard let bytes = value.bytes else { return nil }
        switch value.oid {
        case PostgresType.jsonb.oid:
            guard bytes.first == 1 else { return nil }
            return String(validating: bytes.dropFirst(), as: UTF8.self).map(JSONB.init)
        case PostgresType.json.oid:
            return String(validating: bytes, as: UTF8.self).map(JSONB.init)
        default:
            return nil
        }
    }
}

extension UUID: PostgresEncodable, PostgresDecodable {
    /// `uuid`
    public static var postgresType: PostgresType { .uuid }
    /// What an error says that it expected.
    public static var expectedType: String { "uuid" }

    /// Sixteen bytes.
    public func encode(into buffer: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { buffer.append(contentsOf: $0) }
    }

    /// Reads `uuid`.
    public static func decode(_ value: PostgresValue) -> UUID? {
        guard value.oid == PostgresType.uuid.oid, let bytes = value.bytes, bytes.count == 16 else { return nil }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Date: PostgresEncodable, PostgresDecodable {
    /// `timestamp with time zone`
    public static var postgresType: PostgresType { .timestamptz }
    /// What an error says that it expected.
    public static var expectedType: String { "timestamp with time zone" }

    /// PostgreSQL counts from the start of 2000, Foundation from the start of 2001; 2000 had 366 days.
    private static let microsecondsBetweenEpochs: Int64 = 366 * 86_400 * 1_000_000

    /// Microseconds, rounded to the nearest; times beyond what fits are clamped.
    public func encode(into buffer: inout [UInt8]) {
        let seconds = timeIntervalSinceReferenceDate
        let limit = 9.0e12
        // The whole seconds and the rest are scaled apart: a Double holds their sum only to about a microsecond.
        let whole = max(-limit, min(limit, seconds.rounded(.down)))
        let rest = seconds.isFinite ? ((seconds - seconds.rounded(.down)) * 1_000_000).rounded() : 0
        buffer.appendBigEndian(Int64(whole) * 1_000_000 + Int64(rest) + Self.microsecondsBetweenEpochs)
    }

    /// Reads `timestamp with time zone`; `infinity` is refused.
    public static func decode(_ value: PostgresValue) -> Date? {
        guard value.oid == PostgresType.timestamptz.oid, let count: Int64 = value.integer(),
            count != .max, count != .min
        else { return nil }
        let (microseconds, overflow) = count.subtractingReportingOverflow(microsecondsBetweenEpochs)
        guard !overflow else { return nil }
        return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000)
    }
}

extension Data: PostgresEncodable, PostgresDecodable {
    /// `bytea`
    public static var postgresType: PostgresType { .bytea }
    /// What an error says that it expected.
    public static var expectedType: String { "bytea" }

    /// The bytes.
    public func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: self)
    }

    /// Reads `bytea`.
    public static func decode(_ value: PostgresValue) -> Data? {
        guard value.oid == PostgresType.bytea.oid, let bytes = value.bytes else { return nil }
        return Data(bytes)
    }
}
