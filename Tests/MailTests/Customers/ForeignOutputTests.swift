import Customers
import Foundation
import Testing

@Suite("What another program prints is read within bounds")
struct ForeignOutputTests {
    @Test("Output up to the limit is read to its end; one byte more is refused without being kept")
    func limit() throws {
        for (length, isRead) in [(0, true), (99_999, true), (100_000, true), (100_001, false), (10_000_000, false)] {
            let file = try temporaryFile(length: length)
            defer { try? file.close() }
            if isRead {
                #expect(try ForeignOutput.read(from: file.fileDescriptor, limit: 100_000).count == length)
            } else {
                #expect(throws: ForeignOutput.Failure.tooLong(limit: 100_000)) {
                    try ForeignOutput.read(from: file.fileDescriptor, limit: 100_000)
                }
            }
        }
    }

    @Test("Output without end is refused at the limit")
    func endless() throws {
        let zeros = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
        #expect(throws: ForeignOutput.Failure.tooLong(limit: 1 << 20)) {
            try ForeignOutput.read(from: zeros.fileDescriptor, limit: 1 << 20)
        }
    }

    @Test("A program that says nothing for too long is given up")
    func silence() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("login\temail\n".utf8))
        #expect(throws: ForeignOutput.Failure.silent(.milliseconds(20))) {
            try ForeignOutput.read(from: pipe.fileHandleForReading.fileDescriptor, silence: .milliseconds(20))
        }
    }

    private func temporaryFile(length: Int) throws -> FileHandle {
        let path = NSTemporaryDirectory() + "/otalink-output-\(UUID().uuidString)"
        try Data(count: length).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try #require(FileHandle(forReadingAtPath: path))
    }
}
