import Glibc

/// Which part of a domain its owner has registered, by the public suffix list: `example.co.uk` of `mail.example.co.uk`.
///
/// The list is Debian's `publicsuffix`, read by `libpsl5`, which libcurl brings. The library is loaded while the program runs
/// and not linked: where it is missing, domains are compared as a whole.
public final class PublicSuffixList: @unchecked Sendable {
    // Unchecked: the context is read-only once it is made, lives as long as the process, and libpsl documents its look-ups as
    // safe from several threads.

    private typealias Load = @convention(c) (UnsafePointer<CChar>?) -> OpaquePointer?
    private typealias Find = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> UnsafePointer<CChar>?

    /// The list of this machine; nil: there is none.
    public static let installed = PublicSuffixList(library: "libpsl.so.5")

    private let context: OpaquePointer
    private let find: Find

    /// The newer of the list that was built into the library and the one that is installed. Nil where the library is missing.
    init?(library: String) {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL), let load = dlsym(handle, "psl_latest"),
            let find = dlsym(handle, "psl_registrable_domain"),
            let context = unsafeBitCast(load, to: Load.self)(nil)
        else { return nil }
        self.context = context
        self.find = unsafeBitCast(find, to: Find.self)
    }

    /// The organisational domain (RFC 7489, section 3.2) of a domain in A-labels and lower case; nil for a public suffix.
    public func organisation(of domain: String) -> String? {
        domain.withCString { text in
            // The answer points into the text.
            find(context, text).map { String(cString: $0) }
        }
    }
}
