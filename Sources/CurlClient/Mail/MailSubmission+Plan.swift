import CLibCurl

extension MailSubmission {
    /// The submission as options of libcurl's; throws ``MailSubmissionError`` for what cannot be sent.
    func plan(_ server: MailServer) throws(MailSubmissionError) -> TransferPlan {
        guard envelopeFrom.isEmpty || envelopeFrom.isSendableAddress else {
            throw MailSubmissionError(stage: .sender, cause: .invalidAddress)
        }
        guard !recipients.isEmpty, recipients.allSatisfy(\.isSendableAddress) else {
            throw MailSubmissionError(stage: .recipient, cause: .invalidAddress)
        }
        let message = Self.withNetworkLineEnds(message)
        return TransferPlan(
            origin: "smtp://\(server.host):\(server.port)",
            deadline: nil,
            upload: HTTPUpload(message),
            conversation: SMTPConversation(
                requiresAuthentication: server.user != nil,
                requiresSMTPUTF8: ([envelopeFrom] + recipients).contains { !$0.hasASCIILocalPart })
        ) { handle in
            server.setConnection(handle)
            handle.set(CURLOPT_UPLOAD, 1)
            // Not the size: libcurl 7.88 compares it with the bytes sent, the dots that it adds included, and could end
            // the message before its time. Without it, it asks for more until there is none.
            handle.set(CURLOPT_MAIL_FROM, envelopeFrom)
            handle.set(CURLOPT_MAIL_RCPT, list: recipients)
        }
    }

    /// The message with CRLF for every LF, CR and CRLF, and at its end (RFC 5321, section 2.3.8).
    static func withNetworkLineEnds(_ message: [UInt8]) -> [UInt8] {
        let carriageReturn = UInt8(ascii: "\r")
        let lineFeed = UInt8(ascii: "\n")
        var result: [UInt8] = []
        result.reserveCapacity(message.count + message.count / 32 + 2)
        message.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != carriageReturn, bytes[end] != lineFeed { end += 1 }
                result.append(contentsOf: bytes[start..<end])
                result.append(carriageReturn)
                result.append(lineFeed)
                let isPair = end + 1 < bytes.count && bytes[end] == carriageReturn && bytes[end + 1] == lineFeed
                start = end + (isPair ? 2 : 1)
            }
        }
        return result.isEmpty ? [carriageReturn, lineFeed] : result
    }
}

extension MailServer {
    func setConnection(_ handle: EasyHandle) {
        handle.set(CURLOPT_URL, curlURL)
        handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        handle.set(CURLOPT_PROXY, "")
        // A mail has a connection of its own: one that was kept may be closed by the server at any moment, and would
        // cost the mail a delay.
        handle.set(CURLOPT_FRESH_CONNECT, 1)
        handle.set(CURLOPT_FORBID_REUSE, 1)
        handle.set(CURLOPT_TIMEOUT_MS, milliseconds: timeout)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: connectTimeout)
        handle.setCertificateAuthority(certificateAuthorityFile)
        if !isImplicitTLS {
            let level =
                switch startTLS {
                case .required: CURLUSESSL_ALL
                case .opportunistic: CURLUSESSL_TRY
                case .never: CURLUSESSL_NONE
                }
            handle.set(CURLOPT_USE_SSL, Int(level.rawValue))
            if startTLS == .opportunistic {
                handle.set(CURLOPT_SSL_VERIFYPEER, 0)
                handle.set(CURLOPT_SSL_VERIFYHOST, 0)
            }
        }
        if let user {
            handle.set(CURLOPT_USERNAME, user)
            handle.set(CURLOPT_PASSWORD, password ?? "")
        }
    }

    /// libcurl takes the name for `EHLO` from the path.
    private var curlURL: String {
        guard let heloName, heloName.isHeloName else { return description }
        return description + "/" + heloName
    }
}

extension String {
    /// Brackets would end the path of the command, and blanks and controls its line. libcurl adds the brackets.
    fileprivate var isSendableAddress: Bool {
        !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }

    /// A domain that is not ASCII is sent in its ASCII form (RFC 5891), which needs no extension.
    fileprivate var hasASCIILocalPart: Bool {
        let end = lastIndex(of: "@") ?? endIndex
        return self[..<end].utf8.allSatisfy { $0 < 0x80 }
    }

    fileprivate var isHeloName: Bool {
        !isEmpty && utf8.allSatisfy { $0 < 0x80 } && allSatisfy { $0.isLetter || $0.isNumber || ".-_:[]".contains($0) }
    }
}
