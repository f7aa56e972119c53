/// A public reader of text that others wrote: customers, their mail programs and browsers, other servers, files.
struct ForeignReader: Sendable, CustomStringConvertible {
    let name: String
    /// Signs that mean something to this reader.
    var pieces: [String] = []
    /// What stands around a shape.
    var frames: [(beginning: String, end: String)] = [("", "")]
    /// Further shapes of its own.
    var shapes: [HostileShape] = []
    let read: @Sendable ([UInt8]) -> Void

    init(
        _ name: String, pieces: [String] = [], frames: [(String, String)] = [("", "")], shapes: [HostileShape] = [],
        read: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.name = name
        self.pieces = pieces
        self.frames = frames.map { ($0.0, $0.1) }
        self.shapes = shapes
        self.read = read
    }

    /// A reader of text rather than of bytes.
    init(
        _ name: String, pieces: [String] = [], frames: [(String, String)] = [("", "")], shapes: [HostileShape] = [],
        text read: @escaping @Sendable (String) -> Void
    ) {
        self.init(name, pieces: pieces, frames: frames, shapes: shapes) { read(String(decoding: $0, as: UTF8.self)) }
    }

    var description: String { name }

    /// All of them. A new public reader of foreign text belongs into one of these lists.
    static let all = mail + texts + tickets + requests + files
}
