import CLibCurl

extension HTTPResponse {
    /// The answer that a transfer has brought; throws ``CurlError`` if there is none, or only a part.
    init(_ report: TransferReport) throws(CurlError) {
        guard report.code == CURLE_OK else { throw CurlError(report) }
        guard report.isHeaderComplete else { throw CurlError(.cutShort, wasSent: true) }
        self.init(status: report.status, headers: Self.fields(report.header), body: report.body)
    }

    /// The fields of header lines as they came. Folded lines (RFC 9112, section 5.2) are joined by one space.
    static func fields(_ header: [UInt8]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for line in header.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            if let first = text.utf8.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
                if !fields.isEmpty { fields[fields.count - 1].value += " " + text.trimmingBlanks }
                continue
            }
            // The status line has no colon, or has it after a blank.
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains(" ") else { continue }
            let value = text[text.index(after: colon)...]
            fields.append((String(text[..<colon]), value.trimmingBlanks))
        }
        return fields
    }
}

extension CurlError {
    init(_ report: TransferReport) {
        self.init(Kind(report), wasSent: report.requestSize > 0)
    }
}

extension CurlError.Kind {
    fileprivate init(_ report: TransferReport) {
        switch report.code {
        case _ where report.isTooLarge, CURLE_FILESIZE_EXCEEDED: self = .bodyTooLarge
        case CURLE_URL_MALFORMAT: self = .invalidURL
        case CURLE_COULDNT_RESOLVE_HOST: self = .couldNotResolve
        case CURLE_COULDNT_CONNECT: self = .couldNotConnect
        case CURLE_OPERATION_TIMEDOUT where report.hasHungInHandshake: self = .tls(reason: TLSFailure.noAnswer)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND:
            self = .cutShort
        case _ where report.isTLSFailure: self = .tls(reason: report.reason)
        default: self = .other(code: Int32(clamping: report.code.rawValue))
        }
    }
}

extension TransferReport {
    /// A handshake was begun and not ended.
    fileprivate var hasHungInHandshake: Bool { hasBegunTLS && progress != .encrypted && requestSize == 0 }

    var isTLSFailure: Bool {
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED,
        ].contains(code)
    }

    /// libcurl's words, or its general words for the code.
    var reason: String {
        errorText.isEmpty ? String(cString: curl_easy_strerror(code)) : errorText
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        let isBlank = { (character: Character) in character.isWhitespace }
        let head = drop(while: isBlank)
        guard let last = head.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(head[...last])
    }
}
