import CLibCurl

/// libcurl's own start, once in the process.
enum LibCurl {
    /// Debian's libcurl is thread-safe here (`CURL_VERSION_THREADSAFE`); the language makes it happen once.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// A `CURLM` handle: the connections of one thread.
///
/// Sendable, because one thread alone calls everything but `wakeUp()`, and libcurl allows `curl_multi_wakeup` from any
/// thread. The handle is freed with the last reference, so no thread can wake what is gone.
final class MultiHandle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    init?(maximumConnections: Int, maximumConnectionsPerHost: Int) {
        guard LibCurl.isReady, let pointer = curl_multi_init() else { return nil }
        self.pointer = pointer
        clibcurl_multi_set_long(pointer, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
        clibcurl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnectionsPerHost)
        clibcurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, maximumConnections)
    }

    deinit {
        curl_multi_cleanup(pointer)
    }

    func wakeUp() {
        curl_multi_wakeup(pointer)
    }

    func add(_ easy: EasyHandle) -> CURLMcode {
        curl_multi_add_handle(pointer, easy.pointer)
    }

    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
    }

    func perform() {
        var running: Int32 = 0
        curl_multi_perform(pointer, &running)
    }

    /// Waits for a descriptor, a timer of libcurl's, `wakeUp()` or the time-out.
    func poll(milliseconds: Int) {
        curl_multi_poll(pointer, nil, 0, Int32(clamping: milliseconds), nil)
    }

    /// A transfer that has come to its end, by its easy handle; nil when there is none left.
    func nextFinished() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, message.pointee.data.result)
        }
        return nil
    }
}
