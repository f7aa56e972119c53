import CLibCurl

/// A transfer under way: its easy handle, what has come so far, and the callbacks that collect it. It belongs to the
/// thread that carries it out.
final class Transfer {
    /// Header lines beyond this are taken for an attack.
    static let maximumHeaderSize = 256 << 10

    let handle: EasyHandle
    let pending: PendingTransfer

    private var header: [UInt8] = []
    private var isHeaderComplete = false
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var uploaded = 0
    private var conversation: SMTPConversation?
    private var hasBegunTLS = false
    private var isSettled = false
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(_ pending: PendingTransfer, on handle: EasyHandle) {
        self.pending = pending
        self.handle = handle
        self.conversation = pending.plan.conversation
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        errorText.deallocate()
    }

    /// Sets all options; the answer is `CURLE_OK` unless libcurl did not take one.
    func prepare(now: ContinuousClock.Instant) -> CURLcode {
        let plan = pending.plan
        handle.set(CURLOPT_NOSIGNAL, 1)
        // A resolver that hangs keeps its own thread, not this one.
        handle.set(CURLOPT_QUICK_EXIT, 1)
        handle.set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(errorText))
        if let deadline = plan.deadline {
            handle.set(CURLOPT_TIMEOUT_MS, milliseconds: now.duration(to: deadline))
        }
        plan.configure(handle)
        installCallbacks()
        return handle.optionFailure
    }

    /// Gives the caller its report, unless it has been given one already.
    func settle(_ code: CURLcode) {
        guard !isSettled else { return }
        isSettled = true
        pending.continuation.resume(returning: report(code))
    }

    func settleAsCancelled() {
        guard !isSettled else { return }
        isSettled = true
        pending.continuation.resume(throwing: CancellationError())
    }

    private func report(_ code: CURLcode) -> TransferReport {
        var report = TransferReport(code: code)
        report.errorText = String(cString: errorText)
        report.status = handle.long(CURLINFO_RESPONSE_CODE)
        report.header = header
        report.isHeaderComplete = isHeaderComplete
        report.body = body
        report.isTooLarge = isTooLarge
        report.requestSize = handle.long(CURLINFO_REQUEST_SIZE)
        report.hasBegunTLS = hasBegunTLS
        report.progress = progress
        report.conversation = conversation
        return report
    }

    private var progress: ConnectionProgress {
        if handle.size(CURLINFO_APPCONNECT_TIME_T) > 0 { return .encrypted }
        if handle.size(CURLINFO_CONNECT_TIME_T) > 0 { return .connected }
        return handle.size(CURLINFO_NAMELOOKUP_TIME_T) > 0 ? .resolved : .none
    }
}

// MARK: - What libcurl calls

extension Transfer {
    private func installCallbacks() {
        // libcurl calls back only while the handle is in the thread's multi handle, and the thread holds the transfer
        // until it has taken it out.
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.set(CURLOPT_HEADERDATA, pointer: context)
        handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        handle.set(CURLOPT_WRITEDATA, pointer: context)
        handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.from(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        if pending.plan.upload != nil {
            handle.set(CURLOPT_READDATA, pointer: context)
            handle.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
                Transfer.from(context).send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }
        }
        if pending.plan.isRepeatable {
            handle.set(CURLOPT_SEEKDATA, pointer: context)
            handle.setSeekFunction { context, offset, origin in
                guard origin == SEEK_SET, offset >= 0 else { return CURL_SEEKFUNC_CANTSEEK }
                Transfer.from(context).uploaded = Int(offset)
                return CURL_SEEKFUNC_OK
            }
        }
        if conversation != nil || pending.plan.origin.hasPrefix("https:") { followConnection(context) }
        if conversation != nil { installConversation(context) }
    }

    private func followConnection(_ context: UnsafeMutableRawPointer) {
        // libcurl times a connection when its handshake is over, so the times do not tell one that hangs in it.
        handle.set(CURLOPT_VERBOSE, 1)
        handle.set(CURLOPT_DEBUGDATA, pointer: context)
        handle.setDebugFunction { _, kind, bytes, count, context in
            switch kind {
            case CURLINFO_HEADER_OUT:
                Transfer.from(context).conversation?.sent(UnsafeRawBufferPointer(start: bytes, count: count))
            case CURLINFO_SSL_DATA_OUT:
                Transfer.from(context).hasBegunTLS = true
            default:
                break
            }
            return 0
        }
    }

    private func installConversation(_ context: UnsafeMutableRawPointer) {
        // libcurl waits for the reply to the final dot, and to QUIT, inside of `curl_multi_perform`. This function is
        // what it calls at least once a second meanwhile; anything but 0 ends the wait.
        handle.set(CURLOPT_NOPROGRESS, 0)
        handle.set(CURLOPT_XFERINFODATA, pointer: context)
        handle.setProgressFunction { context, _, _, _, _ in
            let transfer = Transfer.from(context)
            let isOver = transfer.isSettled || transfer.conversation?.isQuitting ?? false
            return transfer.pending.cancellation.isSet || isOver ? 1 : 0
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // The context is the one that `installCallbacks` has set; libcurl passes it on as it is.
        guard let context else { preconditionFailure("libcurl lost the context of a callback") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// The number of bytes taken; any other than all ends the transfer.
    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        if conversation != nil {
            conversation?.received(bytes)
            if conversation?.objection != nil { return 0 }
            if conversation?.acceptance != nil { settle(CURLE_OK) }
            return bytes.count
        }
        if bytes.starts(with: "HTTP/".utf8) {
            header.removeAll(keepingCapacity: true)
            isHeaderComplete = false
        }
        // What comes after the empty line is a chunked body's trailer.
        guard !isHeaderComplete else { return bytes.count }
        guard header.count + bytes.count <= Self.maximumHeaderSize else {
            isTooLarge = true
            return 0
        }
        header.append(contentsOf: bytes)
        isHeaderComplete = bytes.elementsEqual("\r\n".utf8) || bytes.elementsEqual("\n".utf8)
        return bytes.count
    }

    private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        // The replies of an SMTP server come here too, after `receiveHeader`.
        guard conversation == nil else { return bytes.count }
        guard body.count + bytes.count <= pending.plan.maximumBodySize else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    private func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let upload = pending.plan.upload else { return 0 }
        let room = min(buffer.count, upload.length - uploaded)
        guard room > 0 else {
            conversation?.messageEnded()
            return 0
        }
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[..<room])
        guard let count = try? upload.read(rest, uploaded), (1...room).contains(count) else {
            return Int(CURL_READFUNC_ABORT)
        }
        uploaded += count
        conversation?.messageBegan()
        return count
    }
}
