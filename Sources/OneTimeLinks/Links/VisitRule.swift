/// What a request for the page of a link shows of who sent it.
public struct VisitSigns: Hashable, Sendable {
    /// HEAD instead of GET.
    public var isHead: Bool
    /// The field `User-Agent`.
    public var userAgent: String?
    /// The fields `Sec-Purpose`, `Purpose` and `X-Moz`: why a browser loads what nobody has asked for yet.
    public var purpose: String?
    /// The field `Sec-Fetch-Mode`; browsers from before 2023 send none.
    public var fetchMode: String?
    /// The field `Accept-Language` is there.
    public var namesLanguage: Bool
    /// A cookie of ours is there.
    public var hasCookie: Bool

    public init(
        isHead: Bool = false, userAgent: String?, purpose: String? = nil, fetchMode: String? = nil,
        namesLanguage: Bool = false, hasCookie: Bool = false
    ) {
        self.isHead = isHead
        self.userAgent = userAgent
        self.purpose = purpose
        self.fetchMode = fetchMode
        self.namesLanguage = namesLanguage
        self.hasCookie = hasCookie
    }
}

/// Who opened the page of a link, as far as the request shows it.
public enum LinkVisitor: Hashable, Sendable {
    case person(PersonSign)
    case scanner(ScannerSign)

    /// What speaks for a person.
    public enum PersonSign: String, Sendable {
        /// The browser was here before.
        case cookie
        /// The browser says that somebody goes to the page.
        case navigation
        /// It has what browsers have.
        case browserAgent = "browser-agent"
    }

    /// What speaks for a program that looks into mails: a scanner, a preview, a crawler.
    public enum ScannerSign: String, Sendable {
        case head, prefetch
        case noAgent = "no-agent"
        case knownAgent = "known-agent"
        case noNavigation = "no-navigation"
        case noLanguage = "no-language"
        case unknownAgent = "unknown-agent"
    }

    /// The word of the sign, for the audit trail.
    public var word: String {
        switch self {
        case .person(let sign): sign.rawValue
        case .scanner(let sign): sign.rawValue
        }
    }
}

/// The rule that tells visits of programs from those of people. It decides what is written down, and nothing else: scanners that
/// run a real browser pass for people, and whoever is taken for a scanner signs in all the same.
public enum VisitRule {
    /// The first sign that fits decides.
    public static func judge(_ signs: VisitSigns) -> LinkVisitor {
        if signs.isHead { return .scanner(.head) }
        if let purpose = signs.purpose.map(beginning), isAhead(purpose) { return .scanner(.prefetch) }
        let agent = signs.userAgent.map(beginning) ?? ""
        guard agent.contains(where: { !$0.isWhitespace }) else { return .scanner(.noAgent) }
        if isKnown(agent) { return .scanner(.knownAgent) }
        if signs.hasCookie { return .person(.cookie) }
        if let mode = signs.fetchMode { return mode == "navigate" ? .person(.navigation) : .scanner(.noNavigation) }
        guard signs.namesLanguage else { return .scanner(.noLanguage) }
        let isBrowser = agent.hasPrefix("mozilla/") || agent.hasPrefix("opera/")
        return isBrowser ? .person(.browserAgent) : .scanner(.unknownAgent)
    }

    /// What is looked at, in lower case: browsers and programs say who they are within a thousand bytes.
    private static func beginning(_ field: String) -> String {
        String(decoding: field.utf8.prefix(1_000), as: UTF8.self).lowercased()
    }

    private static func isAhead(_ purpose: String) -> Bool {
        ["prefetch", "prerender", "preview"].contains { purpose.contains($0) }
    }

    /// By its words, so that a part of one, as in the name of a telephone, accuses nobody.
    private static func isKnown(_ agent: String) -> Bool {
        agent.split { !$0.isLetter && !$0.isNumber }.contains { word in
            agents.contains(String(word))
                || (endings.contains(where: word.hasSuffix) && !telephones.contains(String(word)))
        }
    }

    /// Programs that end like this say so themselves.
    private static let endings = ["bot", "crawler", "spider", "scanner", "preview", "proxy", "fetcher"]

    private static let telephones: Set = ["cubot"]

    /// Products for the protection of mail, the previews of messengers and offices, and the libraries that scripts use.
    private static let agents: Set = [
        "barracuda", "barracudacentral", "bitdefender", "cloudmark", "fortiguard", "forcepoint", "kaspersky",
        "mimecast",
        "netcraft", "paloaltonetworks", "proofpoint", "safelinks", "sophos", "symantec", "trendmicro", "zscaler",
        "facebookexternalhit", "msoffice", "office", "whatsapp",
        "aiohttp", "axios", "curl", "go", "guzzlehttp", "headlesschrome", "httpclient", "httpx", "java", "lwp",
        "libwww",
        "node", "okhttp", "phantomjs", "postmanruntime", "python", "ruby", "scrapy", "urllib", "wget",
    ]
}
