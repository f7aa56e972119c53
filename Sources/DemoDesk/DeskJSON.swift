import Foundation

/// JSON as it travels between the desk and its callers: which of the desk's values are numbers and which are texts
/// matters to them.
public indirect enum DeskJSON: Hashable, Sendable, Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([DeskJSON])
    case object([String: DeskJSON])

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([DeskJSON].self) {
            self = .array(value)
        } else {
            self = try .object(container.decode([String: DeskJSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// Nil unless the bytes are one JSON value. A byte order mark is not JSON.
    public init?(parsing bytes: [UInt8]) {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]),
            let value = try? JSONDecoder().decode(DeskJSON.self, from: Data(bytes))
        else { return nil }
        self = value
    }

    /// The JSON text, keys in alphabetical order.
    public var serialized: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// The member of an object, or nil.
    public subscript(name: String) -> DeskJSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The scalar as text; nil for null, arrays and objects.
    public var scalar: String? {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .number(let number): String(number)
        case .bool(let flag): flag ? "1" : "0"
        case .null, .array, .object: nil
        }
    }

    /// The elements of an array; a single value counts as an array of it.
    var elements: [DeskJSON] {
        if case .array(let elements) = self { elements } else { [self] }
    }
}

extension DeskJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral {
    public init(stringLiteral value: String) { self = .text(value) }

    public init(integerLiteral value: Int64) { self = .integer(value) }

    public init(dictionaryLiteral elements: (String, DeskJSON)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
