import CLibCurl

extension MailAcceptance {
    /// The acceptance that a transfer has brought; throws ``MailSubmissionError`` if there is none.
    init(_ report: TransferReport) throws(MailSubmissionError) {
        guard report.code == CURLE_OK, let acceptance = report.conversation?.acceptance else {
            throw MailSubmissionError(report)
        }
        self.init(reply: "\(acceptance.code) \(acceptance.text)".onOneLine.withoutAddresses)
    }
}

extension MailSubmissionError {
    init(_ report: TransferReport) {
        let conversation = report.conversation ?? SMTPConversation()
        switch conversation.objection {
        case .noAuthentication:
            self.init(stage: .authentication, cause: .noAuthentication)
            return
        case .noSMTPUTF8:
            self.init(stage: .sender, cause: .nonASCIIAddress)
            return
        case .replyTooLong:
            self.init(stage: conversation.stage, cause: .replyTooLong)
            return
        case nil:
            break
        }
        if let reply = conversation.reply, reply.code >= 400 {
            let text = reply.text.onOneLine.withoutAddresses
            self.init(stage: conversation.stage, cause: .refused, replyCode: reply.code, replyText: text)
            return
        }
        self.init(
            stage: Self.stage(report, conversation),
            cause: Self.cause(report, conversation))
    }

    private static func stage(_ report: TransferReport, _ conversation: SMTPConversation) -> Stage {
        if report.isTLSFailure { return .tls }
        guard !conversation.hasBegun else { return conversation.stage }
        switch report.code {
        case CURLE_COULDNT_RESOLVE_HOST: return .resolve
        case CURLE_COULDNT_CONNECT: return .connect
        default: break
        }
        if report.hasBegunTLS && report.progress != .encrypted { return .tls }
        switch report.progress {
        case .none: return .resolve
        case .resolved: return .connect
        case .connected, .encrypted: return .greeting
        }
    }

    private static func cause(_ report: TransferReport, _ conversation: SMTPConversation) -> Cause {
        switch report.code {
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING,
            CURLE_PARTIAL_FILE:
            .connectionLost
        case CURLE_LOGIN_DENIED: .noAuthentication
        case _ where report.isTLSFailure: .tls(reason: report.reason)
        default: .other(code: Int32(clamping: report.code.rawValue))
        }
    }
}

extension String {
    /// The first 300 characters, control characters being blanks.
    fileprivate var onOneLine: String {
        String(prefix(300).map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ? $0 : " " })
    }

    /// Every word with an `@` in it becomes `<address>`.
    fileprivate var withoutAddresses: String {
        split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.contains("@") ? "<address>" : $0 }
            .joined(separator: " ")
    }
}
