import TestSupport

/// Messages put together from the pieces that header parsers stumble over, then damaged byte by byte.
func mutatedMessages(count: Int = 20_000, seed: UInt64 = 20_241_216) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in mutatedMessage(&generator) }
}

private let fragments: [[UInt8]] =
    [
        "X-OTOBO-Queue: Raw\n", "x-otobo-lock : 1\r\n", "X-OTOBO-CustomerUser", "X-OTO", "BO-Queue:",
        "X-OTRS-State: new\r",
        "From: Jane <jane@example.org>\n", "From: ", "From ", "jane@example.org", "\"Doe, Jane\" <", ">", "<",
        "Subject: hello\n",
        "Subject: =?utf-8?Q?J=C3=BCrgen?=\r\n", "To: a@example.com, b@example.com\n", "Auto-Submitted: auto-replied\n",
        "List-Id: <x.example>\n", "junk without colon\n", ":", " ", "\t", "\r", "\n", "\r\n", "\n\n", "\r\n\r\n",
        "\r\r", " \n", "\0",
        "\u{FEFF}", "\u{B}", "ü", "(", ")", ",", ";", "@", "\\", "=?", "?=", "body text\n",
        "Content-Type: text/plain\n", " folded\n",
    ].map { Array($0.utf8) } + [[0xFC], [0xFF, 0xFE], [0x80]]

private func mutatedMessage(_ generator: inout SeededGenerator) -> [UInt8] {
    var message: [UInt8] = []
    for _ in 0..<Int.random(in: 0...12, using: &generator) {
        message += fragments.randomElement(using: &generator) ?? []
    }
    for _ in 0..<Int.random(in: 0...2, using: &generator) where !message.isEmpty {
        let index = Int.random(in: 0..<message.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: message[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: message.remove(at: index)
        default: message.insert(contentsOf: fragments.randomElement(using: &generator) ?? [], at: index)
        }
    }
    return message
}
