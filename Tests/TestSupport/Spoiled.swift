/// Values that were tampered with. A test that writes a constant over a random value changes nothing as often as the value has
/// that constant in it; these always differ.
extension StringProtocol {
    /// The same text with another character at a place, counted from the beginning: another digit, also where the text is in base 16, 62 or
    /// 64. Not at the end of base64, whose last character says less than six bits.
    public func spoiled(at offset: Int = 0) -> String {
        var characters = Array(self)
        characters[offset] = characters[offset] == "0" ? "1" : "0"
        return String(characters)
    }
}

extension Sequence<UInt8> {
    /// The same bytes with one bit of a byte turned over, counted from the end.
    public func spoiled(fromEnd offset: Int = 0) -> [UInt8] {
        var bytes = Array(self)
        bytes[bytes.count - 1 - offset] ^= 1
        return bytes
    }
}
