import Testing

@testable import OneTimeLinks

@Suite("Base62 of 32 bytes")
struct Base62Tests {
    @Test(
        "Fixed vectors",
        arguments: [
            ([UInt8](repeating: 0, count: 32), String(repeating: "0", count: 43)),
            ([UInt8](repeating: 0, count: 31) + [61], String(repeating: "0", count: 42) + "z"),
            ([UInt8](repeating: 0, count: 31) + [62], String(repeating: "0", count: 41) + "10"),
            // 2^256 - 1, computed with a big integer library.
            ([UInt8](repeating: 255, count: 32), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"),
        ])
    func vectors(bytes: [UInt8], text: String) {
        #expect(Base62.encode(bytes).utf8.count == 43)
        #expect(Base62.encode(bytes) == text)
        #expect(Base62.decode(Base62.encode(bytes)) == bytes)
    }
}
