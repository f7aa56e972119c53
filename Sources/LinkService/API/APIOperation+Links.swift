extension APIOperation {
    /// All operations, in the order of the documentation.
    static let all = [
        issueLink, listLinks, readLink, revokeLink, reportEvent, filterInbound, filterOutbound, acceptOutbound,
    ]

    private static let linkID = Parameter(
        name: "id", place: .path, isRequired: true, schema: ["type": "string", "format": "uuid"],
        description: "Id of the link.")

    static let issueLink = APIOperation(
        id: "issueLink", method: .post, path: "/links", scope: .issueLinks,
        summary: "Make a link for a customer user on a ticket",
        description: """
            The link is active at once and takes the place of the person's older links for the ticket. The token in its address is a \
            secret: hand it to that person and to nobody else. With an `Idempotency-Key` the call may be repeated for a day: the same \
            key and body get the same answer, byte for byte, and no second link is made.
            """,
        parameters: [
            Parameter(
                name: "Idempotency-Key", place: .header,
                schema: ["type": "string", "pattern": "^[!-~]{1,255}$"],
                description: "What you name this call, such as a random UUID.")
        ],
        body: .json("LinkWish"),
        answers: [
            Answer(
                status: 200,
                description: "The person has a password: the desk's own address of the ticket, without a token.",
                content: .json("IssuedLink")),
            Answer(status: 201, description: "The link.", content: .json("IssuedLink")),
            Answer(status: 400, description: "The body is not what is wanted.", content: .problem),
            Answer(
                status: 409, description: "The same call is being worked on.", content: .problem,
                headers: ["Retry-After": "Seconds until it can be repeated."]),
            Answer(
                status: 422, description: "No link was made, or the key was used for another body; the code says why.",
                content: .problem),
        ])

    static let listLinks = APIOperation(
        id: "listLinks", method: .get, path: "/links", scope: .read,
        summary: "List the links of a ticket, the newest first",
        description: "Without their tokens, which nothing stores.",
        parameters: [
            Parameter(
                name: "ticket", place: .query, isRequired: true, schema: APISchemas.ticketNumber,
                description: "Number of the ticket."),
            Parameter(
                name: "limit", place: .query,
                schema: ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100],
                description: "How many at the most."),
        ],
        answers: [
            Answer(
                status: 200, description: "The links; none for a ticket that never had any.", content: .json("Links")),
            Answer(status: 400, description: "A parameter is missing or not what is wanted.", content: .problem),
        ])

    static let readLink = APIOperation(
        id: "readLink", method: .get, path: "/links/{id}", scope: .read, summary: "Look at a link",
        description: "Without its token, which nothing stores.", parameters: [linkID],
        answers: [
            Answer(status: 200, description: "The link.", content: .json("Link")),
            Answer(status: 400, description: "The id is not the id of a link.", content: .problem),
            Answer(status: 404, description: "There is no such link.", content: .problem),
        ])

    static let revokeLink = APIOperation(
        id: "revokeLink", method: .post, path: "/links/{id}/revoke", scope: .revokeLinks,
        summary: "Take back a link, and the session that it opened",
        description: "Every replica obeys within a second.", parameters: [linkID],
        answers: [
            Answer(status: 204, description: "It is taken back."),
            Answer(status: 400, description: "The id is not the id of a link.", content: .problem),
            Answer(status: 404, description: "There is no such link, or it was taken back before.", content: .problem),
        ])
}

extension APIOperation.Content {
    /// Problem details (RFC 9457).
    static let problem = APIOperation.Content(mediaType: "application/problem+json", schema: "Problem")
}
