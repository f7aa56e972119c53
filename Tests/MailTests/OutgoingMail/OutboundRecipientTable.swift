private let tag = "<OTOBO_OTACustomerTicketLink>"

/// Who gets the mail, and for which ticket.
let outboundRecipients: [OutboundRow] = [
    .plain("in other letters", "\(tag)\n", "{link}\n") {
        $0.recipients = ["Anna@EXAMPLE.org"]
        $0.fields = ["To: ANNA@example.org"]
    },
    .plain("the header alone says who", "\(tag)\n", "{link}\n") { $0.recipients = nil },
    .plain("the header names nobody", "\(tag)\n", "{link}\n") { $0.fields = [] },
    .plain("somebody else", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.recipients = ["bert@example.org"]
        $0.fields = ["To: bert@example.org"]
    },
    .plain("two in the envelope", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.recipients = ["anna@example.org", "bert@example.org"]
    },
    .plain("a copy to somebody in the header", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.fields.append("Cc: Bert <bert@example.org>")
    },
    .plain("a blind copy in the header", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.recipients = nil
        $0.fields.append("Bcc: bert@example.org")
    },
    .plain("two in one field", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.fields = ["To: anna@example.org, bert@example.org"]
    },
    .plain("a group in the header", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.fields = ["To: undisclosed-recipients:;"]
    },
    .plain("the envelope goes elsewhere", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.recipients = ["bert@example.org"]
    },
    .plain("the same twice", "\(tag)\n", "{link}\n") { $0.fields.append("Cc: anna@example.org") },
    .plain("the archive gets a copy without the token", "\(tag)\n", "{link}\n") {
        $0.recipients = ["anna@example.org", "archive@example.org"]
    },
    .plain("a reply address changes nothing", "\(tag)\n", "{link}\n") {
        $0.fields.append("Reply-To: bert@example.org")
    },
    .plain("no hook in the subject", "\(tag)\n", "{failed}\n", outcome: "no-ticket") { $0.subject = "Printer" },
    .plain("the hook at the end of an encoded subject", "\(tag)\n", "{link}\n") {
        $0.subject = "=?utf-8?Q?Gr=C3=BC=C3=9Fe_[Ticket#2026112510000018]?="
    },
    .plain("somebody with a password", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.subject = "[Ticket#2026112510000026] x"
        $0.recipients = ["bert@example.org"]
        $0.fields = ["To: bert@example.org"]
    },
    .plain("somebody switched off", "\(tag)\n", "{failed}\n", outcome: "refused-customer-invalid") {
        $0.subject = "[Ticket#2026112510000034] x"
        $0.recipients = ["carl@example.org"]
        $0.fields = ["To: carl@example.org"]
    },
    .plain("a ticket of somebody unknown", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.subject = "[Ticket#2026112510000042] x"
        $0.recipients = ["dora@example.org"]
        $0.fields = ["To: dora@example.org"]
    },
    .plain("a ticket closed long ago", "\(tag)\n", "{failed}\n", outcome: "refused-ticket-closedTooLong") {
        $0.subject = "[Ticket#2026112510000059] x"
    },
    .plain("a ticket that the desk does not show", "\(tag)\n", "{plain}\n", outcome: "plain-url") {
        $0.subject = "[Ticket#2026112510009999] x"
    },
]
