/// Reads a message up to its final dot and takes out the dots that the transfer has added (RFC 5321, section 4.5.2).
/// CRLF alone ends a line.
struct SMTPMessageReader {
    private(set) var data: [UInt8] = []
    /// A CR or LF stood alone.
    private(set) var hasBareLineEnd = false
    private(set) var isTooLarge = false

    private var isAtLineStart = true
    /// How many bytes of an incomplete line, which stay in the buffer, have been searched for its end.
    private var searched = 0

    /// Reads whole lines from `start` on and moves it behind them. True once the final dot has come.
    mutating func read(_ buffer: [UInt8], from start: inout Int, limit: Int) -> Bool {
        while let end = buffer[(start + searched)...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = buffer[start..<end]
            start = end + 1
            searched = 0
            let isWhole = line.last == UInt8(ascii: "\r")
            if isWhole { line.removeLast() }
            if isAtLineStart && isWhole && line.elementsEqual([UInt8(ascii: ".")]) { return true }
            if isAtLineStart && line.first == UInt8(ascii: ".") { line.removeFirst() }
            if !isWhole || line.contains(UInt8(ascii: "\r")) { hasBareLineEnd = true }
            append(line, isWhole: isWhole, limit: limit)
            isAtLineStart = isWhole
        }
        searched = buffer.count - start
        if searched > limit { passOverEndlessLine(buffer, &start) }
        return false
    }

    /// The last byte stays: it may be the CR of the line's end.
    private mutating func passOverEndlessLine(_ buffer: [UInt8], _ start: inout Int) {
        isTooLarge = true
        isAtLineStart = false
        start = buffer.count - 1
        searched = 0
    }

    private mutating func append(_ line: ArraySlice<UInt8>, isWhole: Bool, limit: Int) {
        guard data.count + line.count + 2 <= limit else {
            isTooLarge = true
            return
        }
        data += line
        data += isWhole ? [UInt8(ascii: "\r"), UInt8(ascii: "\n")] : [UInt8(ascii: "\n")]
    }
}
