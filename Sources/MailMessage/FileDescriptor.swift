import Glibc

/// A failed system call.
struct SystemCallError: Error {
    let number: Int32
}

/// An open file that is closed when its owner goes away, and whole reads and writes on any descriptor.
struct FileDescriptor: ~Copyable {
    private let number: Int32

    private init(number: Int32) {
        self.number = number
    }

    deinit {
        _ = close(number)
    }

    /// A temporary file that no other process can open: only its owner may read it, and its name is gone at once.
    static func unnamedFile(in directory: String) throws(SystemCallError) -> FileDescriptor {
        var template = Array((directory + "/otalink.XXXXXX").utf8CString)
        let number = mkstemp(&template)
        guard number >= 0 else { throw SystemCallError(number: errno) }
        _ = unlink(template)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return FileDescriptor(number: number)
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) {
        try FileDescriptor.write(bytes, to: number)
    }

    /// Reads from a place in the file; 0 at its end.
    func read(into chunk: inout [UInt8], at offset: Int) throws(SystemCallError) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes { pread(number, $0.baseAddress, $0.count, off_t(offset)) }
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemCallError(number: errno) }
        }
    }

    /// Reads from a place in the file; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemCallError) -> Int {
        while true {
            let count = pread(number, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemCallError(number: errno) }
        }
    }

    /// Reads what is there, waiting if nothing is; 0 at the end of the input.
    static func read(from descriptor: Int32, into chunk: inout [UInt8]) throws(SystemCallError) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            try wait(for: POLLIN, on: descriptor, after: errno)
        }
    }

    /// Writes all bytes.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(SystemCallError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else {
                try wait(for: POLLOUT, on: descriptor, after: errno)
            }
        }
    }

    /// Returns when a call that was interrupted or would have blocked can be tried again.
    private static func wait(for event: Int32, on descriptor: Int32, after number: Int32) throws(SystemCallError) {
        if number == EINTR { return }
        guard number == EAGAIN || number == EWOULDBLOCK else { throw SystemCallError(number: number) }
        var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        if poll(&waiting, 1, -1) < 0, errno != EINTR { throw SystemCallError(number: errno) }
    }
}
