import CLibCurl

/// One `CURL` handle with typed options. It belongs to the thread that made it.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer

    /// The first option that libcurl did not take; `CURLE_OK` if it took them all.
    private(set) var optionFailure = CURLE_OK

    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    init?() {
        guard LibCurl.isReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
    }

    deinit {
        curl_easy_cleanup(pointer)
        freeLists()
    }

    /// Forgets all options. Connections and what is known of names stay with the multi handle.
    func reset() {
        curl_easy_reset(pointer)
        freeLists()
        optionFailure = CURLE_OK
    }

    func set(_ option: CURLoption, _ value: Int) {
        note(clibcurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, size: Int) {
        note(clibcurl_set_size(pointer, option, curl_off_t(size)))
    }

    /// Nil takes the option back, a default of the system's included.
    func set(_ option: CURLoption, _ value: String?) {
        note(clibcurl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, milliseconds duration: Duration) {
        // Zero would mean libcurl's own default, or none.
        note(clibcurl_set_long(pointer, option, max(1, duration.inMilliseconds)))
    }

    func set(_ option: CURLoption, list: [String]) {
        var head: UnsafeMutablePointer<curl_slist>?
        for entry in list {
            guard let longer = curl_slist_append(head, entry) else {
                curl_slist_free_all(head)
                return note(CURLE_OUT_OF_MEMORY)
            }
            head = longer
        }
        guard let head else { return }
        lists.append(head)
        note(clibcurl_set_list(pointer, option, head))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) {
        note(clibcurl_set_pointer(pointer, option, value))
    }

    func set(_ option: CURLoption, function: @escaping clibcurl_data_function) {
        note(clibcurl_set_data_function(pointer, option, function))
    }

    func setSeekFunction(_ function: @escaping curl_seek_callback) {
        note(clibcurl_set_seek_function(pointer, function))
    }

    func setDebugFunction(_ function: @escaping curl_debug_callback) {
        note(clibcurl_set_debug_function(pointer, function))
    }

    func setProgressFunction(_ function: @escaping curl_xferinfo_callback) {
        note(clibcurl_set_progress_function(pointer, function))
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        clibcurl_get_long(pointer, info, &value)
        return value
    }

    func size(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        clibcurl_get_size(pointer, info, &value)
        return Int(value)
    }

    private func note(_ code: CURLcode) {
        if optionFailure == CURLE_OK { optionFailure = code }
    }

    private func freeLists() {
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }
}

extension Duration {
    /// Rounded down, and no more than a C `int` holds, 24 days.
    var inMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
