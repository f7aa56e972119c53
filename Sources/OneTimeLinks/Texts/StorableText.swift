/// What the database can hold of a text that comes from outside.
///
/// No text of PostgreSQL can hold U+0000. Readers of foreign text take it out where they read, so that what is decided and
/// what is stored is the same text; the database client takes it out once more of every parameter.
public enum StorableText {
    /// The text without U+0000.
    public static func of(_ text: String) -> String {
        isStorable(text) ? text : String(decoding: text.utf8.filter { $0 != 0 }, as: UTF8.self)
    }

    /// False for a text that has U+0000. An identity, such as a login, must not lose a character: what is left could be the
    /// identity of somebody else.
    public static func isStorable(_ text: String) -> Bool { !text.utf8.contains(0) }
}
