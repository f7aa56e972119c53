import TestSupport
import Foundation
import MailMessage
import Testing

@Suite("Reading a message from a descriptor")
struct MessageStreamTests {
    @Test(
        "A message comes out as it went in",
        arguments: [
            "", "\n", "A: b\n\nbody\n", "A: b\r\n\r\nbody\r\n", "A: b", "A: b\r", "\nbody only",
            "A: b\n\n\0\u{FF}\r\rbody",
        ])
    func unchanged(message: String) throws {
        let bytes = Data(message.utf8)
        #expect(try pass(bytes) { _ in } == bytes)
    }

    @Test("A changed header section leaves the body as it was", arguments: [0, 1, 65_535, 65_536, 65_537, 300_000])
    func changedHeader(bodyLength: Int) throws {
        var generator = SeededGenerator(seed: UInt64(bodyLength))
        let body = Data((0..<bodyLength).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let output = try pass(Data("X-OTOBO-Queue: x\nA: b\n\n".utf8) + body) { header in
            header.remove(namesStartingWith: deskPrefixes)
            try header.set("X-New", to: "1")
        }
        #expect(output == Data("X-New: 1\nA: b\n\n".utf8) + body)
    }

    @Test("A header section across several chunks is one section")
    func longHeader() throws {
        let header = String(repeating: "A: \(String(repeating: "b", count: 70))\n", count: 4_000)
        let message = Data("\(header)\nbody".utf8)
        var count = 0
        let output = try pass(message) { count = $0.fields.count }
        #expect(count == 4_000)
        #expect(output == message)
    }

    @Test("The empty line is found wherever two chunks meet", arguments: 65_530...65_542)
    func chunkBorder(length: Int) throws {
        let message = Data("A: \(String(repeating: "b", count: length - 7))\r\n\r\nX: body".utf8)
        var count = 0
        let output = try pass(message) { count = $0.fields.count }
        #expect(count == 1)
        #expect(output == message)
    }

    @Test("A header section over the limit is refused, and nothing is written")
    func headerLimit() throws {
        let message = Data(String(repeating: "A: b\n", count: 100).utf8)
        #expect(throws: MessageStreamError.headerTooLong(limit: 499)) {
            _ = try pass(message, headerLimit: 499) { _ in }
        }
        #expect(try pass(message, headerLimit: 500) { _ in } == message)
    }

    @Test("More fields than any genuine mail has are refused, and nothing is written")
    func fieldLimit() throws {
        let fields = String(repeating: "a:\n", count: HeaderBlock.mostFields)
        #expect(throws: MessageStreamError.tooManyFields(limit: HeaderBlock.mostFields)) {
            _ = try pass(Data((fields + "b:\n").utf8)) { _ in }
        }
        #expect(try pass(Data(fields.utf8)) { _ in } == Data(fields.utf8))
    }

    @Test("The same message will be refused again, unless the disk or the pipe was at fault")
    func permanence() {
        #expect(
            MessageStreamError.headerTooLong(limit: 1).isPermanent
                && MessageStreamError.tooManyFields(limit: 1).isPermanent)
        #expect(
            !MessageStreamError.spool(errorNumber: 28).isPermanent
                && !MessageStreamError.input(errorNumber: 5).isPermanent)
    }

    @Test("A body over the limit is refused")
    func bodyLimit() throws {
        #expect(throws: MessageStreamError.bodyTooLong(limit: 3)) {
            _ = try pass(Data("A: b\n\nbody".utf8), bodyLimit: 3) { _ in }
        }
    }

    @Test("A folder that is not there is an error of the temporary file")
    func noFolder() throws {
        let input = try file(Data("A: b\n\n".utf8))
        #expect(throws: MessageStreamError.spool(errorNumber: ENOENT)) {
            _ = try MessageStream.read(from: input.fileDescriptor, spoolingIn: "/nonexistent/otalink")
        }
    }

    @Test("A descriptor that cannot be read is an error of the input")
    func badInput() {
        #expect(throws: MessageStreamError.input(errorNumber: EBADF)) {
            _ = try MessageStream.read(from: -1, spoolingIn: NSTemporaryDirectory())
        }
    }

    @Test("The whole message can be taken into memory, within a limit")
    func inMemory() throws {
        let message = Data("A: b\n\nbody".utf8)
        let input = try file(message)
        let stream = try MessageStream.read(from: input.fileDescriptor, spoolingIn: NSTemporaryDirectory())
        #expect(stream.bodyLength == 4)
        #expect(try stream.message(limit: 10) == Array(message))
        #expect(throws: MessageStreamError.bodyTooLong(limit: 9)) { try stream.message(limit: 9) }
    }

    @Test("A message of 100 MiB passes in constant memory")
    func large() throws {
        let input = try file(Data("A: b\n\n".utf8))
        _ = try input.seekToEnd()
        let chunk = Data(repeating: 0x61, count: 1 << 20)
        for _ in 0..<100 { try input.write(contentsOf: chunk) }
        try input.seek(toOffset: 0)
        let output = try file(Data())
        let before = try residentBytes()
        let stream = try MessageStream.read(from: input.fileDescriptor, spoolingIn: NSTemporaryDirectory())
        try stream.write(header: stream.header, to: output.fileDescriptor)
        #expect(try output.seekToEnd() == 6 + (100 << 20))
        #expect(try residentBytes() - before < 20 << 20)
    }

    /// Sends a message through a stream and gives back what comes out.
    private func pass(
        _ message: Data, headerLimit: Int = MessageStream.defaultHeaderLimit, bodyLimit: Int? = nil,
        change: (inout HeaderBlock) throws -> Void
    ) throws -> Data {
        let input = try file(message)
        let output = try file(Data())
        let stream = try MessageStream.read(
            from: input.fileDescriptor, headerLimit: headerLimit, bodyLimit: bodyLimit,
            spoolingIn: NSTemporaryDirectory())
        var header = stream.header
        try change(&header)
        try stream.write(header: header, to: output.fileDescriptor)
        try output.seek(toOffset: 0)
        return try output.readToEnd() ?? Data()
    }

    /// A temporary file with this content, without a name, at its start.
    private func file(_ content: Data) throws -> FileHandle {
        let url = URL(filePath: NSTemporaryDirectory()).appending(path: "otalink-test-\(UUID())")
        try content.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try FileHandle(forUpdating: url)
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
