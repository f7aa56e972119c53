import SMTPSink

/// What a mail server does, and what becomes of the mail, of its link, and of the link that the customer had before. The rows of
/// docs/outgoing-mail.md are made of these.
struct SMTPFaultRow: Sendable, CustomStringConvertible {
    let stage: String
    let step: SMTPScript.Step
    let fault: String
    let script: SMTPScript.Fault
    let mail: String
    let link: String
    let older: String
    /// Whether the customer may get the mail twice: the same, with the same Message-ID and token.
    let isRepeatPossible: Bool

    var description: String { "\(stage): \(fault)" }

    /// As a line of the document's table.
    var line: String {
        let told = ["queued": "tried again", "dead": "given up"]
        return
            "| \(stage) | \(fault) | \(told[mail] ?? mail) | \(link) | \(older) | \(isRepeatPossible ? "one, the same" : "none") |"
    }

    static let all: [SMTPFaultRow] = stages.flatMap { stage, step, isAboutMail in
        [
            ("refuses with 4xx", .reply("450 4.2.1 Later"), false),
            ("refuses with 5xx", .reply("550 5.7.1 Never"), isAboutMail),
            ("refuses with 421 and closes", .reply("421 4.3.2 Closing"), false), ("does not answer", .hang, false),
            ("cuts the connection", .cut, false), ("cuts it within its answer", .cutMidReply, false),
        ].map { (fault: String, script: SMTPScript.Fault, isFinal: Bool) in
            let isLost = script == .hang || script == .cut || script == .cutMidReply
            return SMTPFaultRow(
                stage: stage, step: step, fault: fault, script: script, mail: isFinal ? "dead" : "queued",
                link: "offered", older: "active", isRepeatPossible: step == .endOfData && isLost)
        }
    }

    /// A 5xx before the mail itself is named is about us or the server, and an operator can put it right.
    private static let stages: [(String, SMTPScript.Step, Bool)] = [
        ("greeting", .greeting, false), ("`EHLO`", .hello, false), ("`AUTH`", .authentication, false),
        ("`MAIL FROM`", .sender, true), ("`RCPT TO`", .recipient, true), ("`DATA`", .data, true),
        ("after the final dot", .endOfData, true),
    ]
}
