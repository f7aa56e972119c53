import Foundation
import LinkPages
import Testing

@Suite("Stylesheet")
struct StylesheetTests {
    /// WCAG 2.2, success criteria 1.4.3 (text, 4.5) and 1.4.11 (edges and signs, 3).
    private static let pairs: [(front: String, back: String, least: Double)] = [
        ("ink", "page", 4.5), ("ink", "card", 4.5), ("soft", "page", 4.5), ("soft", "card", 4.5),
        ("accent", "page", 4.5), ("accent", "card", 4.5), ("accent-strong", "page", 4.5),
        ("accent-strong", "card", 4.5),
        ("accent-strong", "tint", 4.5), ("on-accent", "accent", 4.5), ("on-accent", "accent-strong", 4.5),
        ("edge", "card", 3), ("edge", "page", 3), ("accent", "tint", 3),
    ]

    @Test("colours are easy to tell apart, in light and in dark", arguments: [0, 1])
    func contrast(scheme: Int) throws {
        let palettes = Self.palettes(in: Stylesheet.text)
        #expect(palettes.count == 3, "light, dark, print")
        let palette = palettes[scheme]
        for pair in Self.pairs {
            let front = try #require(palette[pair.front])
            let back = try #require(palette[pair.back])
            let ratio = Self.contrast(front, back)
            #expect(ratio >= pair.least, "\(pair.front) on \(pair.back): \(ratio)")
        }
    }

    @Test("the contrast is computed as WCAG says")
    func formula() {
        #expect(abs(Self.contrast(0x000000, 0xFFFFFF) - 21) < 0.001)
        #expect(abs(Self.contrast(0x777777, 0xFFFFFF) - 4.478) < 0.001)
    }

    @Test("light and dark name the same colours, and each is used")
    func names() throws {
        let palettes = Self.palettes(in: Stylesheet.text)
        #expect(Set(palettes[0].keys) == Set(palettes[1].keys))
        for name in palettes[0].keys { #expect(Stylesheet.text.contains("var(--\(name))"), "\(name)") }
    }

    @Test("braces are balanced, and buttons and fields are at least 44 pixels high")
    func shape() {
        let text = Stylesheet.text
        #expect(text.count(where: { $0 == "{" }) == text.count(where: { $0 == "}" }))
        let heights = text.matches(of: /min-height: ([0-9.]+)rem/).compactMap { Double($0.output.1) }
        #expect(heights.count == 3 && heights.allSatisfy { $0 * 16 >= 44 })
    }

    private static func palettes(in text: String) -> [[String: UInt32]] {
        text.matches(of: /:root \{([^}]*)\}/).map { block in
            let colours = block.output.1.matches(of: /--([a-z-]+): #([0-9a-f]{6});/)
            return Dictionary(
                colours.compactMap { colour in UInt32(colour.output.2, radix: 16).map { (String(colour.output.1), $0) }
                },
                uniquingKeysWith: { $1 })
        }
    }

    private static func contrast(_ left: UInt32, _ right: UInt32) -> Double {
        let (darker, lighter) = (min(luminance(left), luminance(right)), max(luminance(left), luminance(right)))
        return (lighter + 0.05) / (darker + 0.05)
    }

    private static func luminance(_ colour: UInt32) -> Double {
        let channels = [16, 8, 0].map { shift -> Double in
            let value = Double((colour >> UInt32(shift)) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}
