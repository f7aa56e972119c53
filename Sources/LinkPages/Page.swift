import Catalogue
import Foundation
import Text

/// A page of the service: a value that becomes a complete HTML document.
///
/// All pages have one `h1`, no script, no foreign asset and one `<style>` whose content is
/// ``Stylesheet/text``. A Content-Security-Policy for them is `default-src 'none'`, the hash of that text as
/// `style-src`, `img-src data:` for the empty icon, and a `form-action`.
public protocol Page: Sendable {
    /// The text of the browser's title bar, in front of the site's name.
    func title(in catalogue: Catalogue) -> String
    /// What stands in `main`.
    func content(in frame: PageFrame) -> PageContent
}

/// The inside of a page; only this module can make one.
public struct PageContent: Sendable {
    let html: HTML

    init(_ html: HTML) { self.html = html }
}

extension Page {
    /// The complete document, to be sent as `text/html; charset=utf-8`.
    public func document(in frame: PageFrame) -> String {
        let catalogue = frame.catalogue
        let site = frame.siteName.map(PlainText.line).flatMap { $0.isEmpty ? nil : $0 } ?? catalogue.frame.unnamedSite
        let html: HTML = """
            <!DOCTYPE html>
            <html lang="\(catalogue.language.tag)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <title>\(title(in: catalogue)) – \(site)</title>
            <link rel="icon" href="data:,">
            <style>\(Stylesheet.html)</style>
            </head>
            <body>
            <a class="skip" href="#content">\(catalogue.frame.skipToContent)</a>
            <header class="site"><div class="column"><p>\(HTML.isolated(site))</p></div></header>
            <main id="content" class="column">
            \(content(in: frame).html)</main>
            <footer class="site"><div class="column">\(frame.support.map { $0.html(in: catalogue) })</div></footer>
            </body>
            </html>

            """
        return html.source
    }
}

extension SupportContact {
    fileprivate func html(in catalogue: Catalogue) -> HTML {
        let link: HTML =
            switch self {
            case .address(let address): "<a href=\"mailto:\(address)\">\(HTML.isolated(address))</a>"
            case .url(let url) where WebAddress.isSafe(url):
                "<a href=\"\(url)\" rel=\"noopener noreferrer\">\(catalogue.frame.contact)</a>"
            case .url(let text): HTML.isolated(text)
            }
        return "<p>\(catalogue.frame.needHelp) \(link)</p>"
    }
}

extension HTML {
    /// Paragraphs of a text that are parted by empty lines; single line breaks are kept, web addresses become links.
    static func paragraphs(_ text: String) -> HTML {
        let blocks = PlainText.lines(text).split(separator: "\n\n").map { block -> HTML in
            let lines = block.split(separator: "\n").map { ArticleText(String($0)).html(linkHidden: "") }
            return "<p>\(HTML(Array(lines.joinedBy("<br>"))))</p>\n"
        }
        return HTML(blocks)
    }

    /// A moment, in words and for machines.
    static func time(_ date: Date, in frame: PageFrame) -> HTML {
        "<time datetime=\"\(date.formatted(.iso8601))\">\(frame.catalogue.moment(date, in: frame.zone))</time>"
    }
}

extension [HTML] {
    fileprivate func joinedBy(_ separator: HTML) -> [HTML] {
        Array(map { [$0] }.joined(separator: [separator]))
    }
}
