import CLibCurl

extension MailServer {
    /// A connection as a mail would have it, up to and including authentication, and no mail.
    func probePlan() -> TransferPlan {
        TransferPlan(
            origin: "smtp://\(host):\(port)", deadline: nil, upload: nil,
            conversation: SMTPConversation(requiresAuthentication: user != nil)
        ) { handle in
            setConnection(handle)
            handle.set(CURLOPT_CUSTOMREQUEST, "NOOP")
        }
    }
}
