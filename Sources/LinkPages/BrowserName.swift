import Catalogue
import Text

/// What people call a browser, as far as it can be told from what it calls itself (RFC 9110, 10.1.5).
struct BrowserName: Hashable {
    /// Such as Firefox; nil: one that we do not know.
    let program: String?
    /// Such as Android; nil: one that we do not know.
    let system: String?

    init(userAgent: String) {
        // Browsers say who they are within a thousand bytes.
        let userAgent = PlainText.beginning(userAgent, bytes: 1_000).text
        func first(of names: [(sign: String, name: String)]) -> String? {
            names.first { userAgent.contains($0.sign) }?.name
        }
        program = first(of: Self.programs)
        system = first(of: Self.systems)
    }

    /// The imitators first: most say that they are Chrome, and Chrome says that it is Safari.
    private static let programs: [(sign: String, name: String)] = [
        ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]

    private static let systems: [(sign: String, name: String)] = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]
}
