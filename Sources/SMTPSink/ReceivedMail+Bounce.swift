extension ReceivedMail {
    /// A delivery status notification (RFC 3464) that says that none of the mail's recipients exists.
    static func bounce(of mail: ReceivedMail, from host: String) -> ReceivedMail {
        let boundary = "=_bounce"
        let failures = mail.recipients.map { recipient in
            ["Final-Recipient: rfc822; \(recipient)", "Action: failed", "Status: 5.1.1", ""]
        }
        let head = [
            "From: Mail Delivery System <MAILER-DAEMON@\(host)>",
            "To: \(mail.envelopeFrom)",
            "Subject: Undelivered Mail Returned to Sender",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\(boundary)\"",
            "",
            "--\(boundary)",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "The mail could not be delivered: no such user.",
            "",
            "--\(boundary)",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; \(host)",
            "",
        ]
        let original = ["--\(boundary)", "Content-Type: message/rfc822", "", ""]
        let start = (head + failures.flatMap { $0 } + original).joined(separator: "\r\n")
        let data = Array(start.utf8) + mail.data + Array("\r\n--\(boundary)--\r\n".utf8)
        return ReceivedMail(envelopeFrom: "", recipients: [mail.envelopeFrom], data: data, receivedAt: mail.receivedAt)
    }
}
