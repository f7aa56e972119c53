import Catalogue
import Foundation

/// What all pages of one answer have in common.
public struct PageFrame: Sendable {
    /// The help desk's name in the header; nil: a general word.
    public var siteName: String?
    /// The language of the page; English where there is no catalogue.
    public var language: Language
    /// Where customers find help.
    public var support: SupportContact?
    /// The zone of all times on the page.
    public var zone: TimeZone
    /// The path of the page "send me a new link"; nil: no page leads there.
    public var newLinkPath: String?

    /// Without a zone, times are in UTC.
    public init(
        siteName: String? = nil, language: Language, support: SupportContact? = nil, zone: TimeZone = .gmt,
        newLinkPath: String? = nil
    ) {
        self.siteName = siteName
        self.language = language
        self.support = support
        self.zone = zone
        self.newLinkPath = newLinkPath
    }

    var catalogue: Catalogue { Catalogue(for: language) }
}

/// Where customers find help: shown at the foot of each page.
public enum SupportContact: Hashable, Sendable {
    /// An e-mail address.
    case address(String)
    /// A page. Anything but an `http` or `https` URL is shown as text and does not become a link.
    case url(String)
}
