import Foundation

/// JSON that the provider hands out: claims, keys, metadata.
///
/// Keys stand in alphabetical order, so that the same values always give the same bytes: caches and entity tags
/// may rely on it, and tests can compare.
public enum ProviderDocument {
    /// - Throws: `EncodingError`, for values that JSON does not have.
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
