extension APIOperation {
    static let reportEvent = APIOperation(
        id: "reportEvent", method: .post, path: "/desk/events", scope: .deskEvents,
        summary: "Report that something happened to a ticket",
        description: """
            What the desk's invoker posts. Only the event's name and the ids are read, wherever they stand. The report is written down and \
            answered; what is true of the ticket the desk is asked afterwards.
            """,
        body: .json("DeskEvent"),
        answers: [
            Answer(status: 200, description: "Written down.", content: .json("DeskEventAnswer")),
            Answer(status: 400, description: "The body names no ticket.", content: .problem),
        ])

    static let filterInbound = APIOperation(
        id: "filterInboundMail", method: .post, path: "/mail/inbound", scope: .inboundMail,
        summary: "Have an incoming mail filtered",
        description:
            "The message comes back with header fields that the desk can trust, its body byte for byte the same.",
        parameters: [
            Parameter(
                name: "envelopeSender", place: .query, schema: ["type": "string"],
                description: "Who the mail server says sent it; empty for a bounce.")
        ],
        body: .mail,
        answers: [
            Answer(
                status: 200, description: "The message to hand on.", content: .mail,
                headers: [
                    "X-Otalink-Outcome": "What was decided, in a word.",
                    "X-Otalink-Removed-Fields": "How many forged header fields were taken out.",
                ]), noMessage,
        ])

    private static let noMessage = Answer(
        status: 400, description: "There is no message in the body.", content: .problem)

    static let filterOutbound = APIOperation(
        id: "filterOutboundMail", method: .post, path: "/mail/outbound", scope: .outboundMail,
        summary: "Have links put into a mail of the desk",
        description: """
            The links take effect once they are reported as accepted by the mail server. The answer has whole mails, or, for those who \
            accept it, what changes in the mail: offsets and lengths in bytes of the message as it was sent, in order.
            """,
        parameters: [
            Parameter(
                name: "recipient", place: .query, schema: ["type": "array", "items": ["type": "string"]],
                description: "Who gets the mail, one each; without any the header says so."),
            Parameter(
                name: "tooLarge", place: .query, schema: ["type": "string", "enum": ["0", "1"]],
                description:
                    "1: the message stands for a larger one, its attachments left out, and gets no link but the plain address."
            ),
        ],
        body: .mail,
        answers: [
            Answer(
                status: 200, description: "The mails to hand on, in their order.", content: .json("OutboundAnswer"),
                otherContent: .edits),
            noMessage,
        ])

    static let acceptOutbound = APIOperation(
        id: "acceptOutboundMail", method: .post, path: "/mail/outbound/{link}/accepted", scope: .outboundMail,
        summary: "Report that the mail server has taken the mail with this link",
        description: "The link becomes the active one. May be repeated.",
        parameters: [
            Parameter(
                name: "link", place: .path, isRequired: true, schema: ["type": "string", "format": "uuid"],
                description: "Id of the link, as it came with the mail.")
        ],
        answers: [
            Answer(status: 204, description: "Taken note of."),
            Answer(status: 400, description: "The id is not the id of a link.", content: .problem),
            Answer(status: 404, description: "No mail of the desk carries such a link.", content: .problem),
        ])
}
