/// Local parts of addresses at which nobody reads.
///
/// A name counts where it stands alone between characters that are no letters: `noreply`, `no-reply`, `x+donotreply`,
/// `notifications-noreply`, but not `noreplyson`. Between its words there may be one of `-`, `_` and `.`.
enum UnattendedName {
    private static let names: [[[UInt8]]] = [
        ["mailer", "daemon"], ["post", "master"], ["no", "reply"], ["no", "replies"], ["no", "responder"],
        ["no", "response"],
        ["do", "not", "reply"], ["dont", "reply"], ["do", "not", "respond"], ["auto", "reply"], ["auto", "replies"],
        ["auto", "responder"], ["auto", "response"], ["auto", "answer"], ["nicht", "antworten"], ["keine", "antwort"],
        ["ne", "pas", "repondre"],
    ].map { $0.map { Array($0.utf8) } }

    /// Whether nobody reads at a local part.
    ///
    /// - Parameter local: in lower case.
    static func matches(_ local: String) -> Bool {
        let bytes = Array(local.utf8)
        for start in bytes.indices where start == 0 || !isLetter(bytes[start - 1]) {
            if names.contains(where: { end(of: $0, in: bytes, from: start).map { isEnd($0, in: bytes) } ?? false }) {
                return true
            }
        }
        return isBounce(bytes)
    }

    /// `bounce` is a name of people too, so it counts at the start (`bounce+a=b`, `bounces-42`), and at the end behind
    /// what separates a list's name from it (`team-bounces`).
    private static func isBounce(_ bytes: [UInt8]) -> Bool {
        for name in ["bounces", "bounce"].map({ Array($0.utf8) }) {
            if bytes.starts(with: name), isEnd(name.count, in: bytes) { return true }
            guard bytes.count > name.count, bytes.suffix(name.count).elementsEqual(name) else { continue }
            if "-+_=".utf8.contains(bytes[bytes.count - name.count - 1]) { return true }
        }
        return false
    }

    /// Where the words end that begin at a position; nil if they do not stand there.
    private static func end(of words: [[UInt8]], in bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        for (index, word) in words.enumerated() {
            if index > 0, position < bytes.count, "-_.".utf8.contains(bytes[position]) { position += 1 }
            guard bytes[position...].starts(with: word) else { return nil }
            position += word.count
        }
        return position
    }

    private static func isEnd(_ position: Int, in bytes: [UInt8]) -> Bool {
        position == bytes.count || !isLetter(bytes[position])
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
}
