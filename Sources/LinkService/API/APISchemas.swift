import OneTimeLinks
import OutgoingMail

/// The schemas of the description, in JSON Schema 2020-12, as OpenAPI 3.1 has it.
enum APISchemas {
    static let ticketNumber: JSONValue = [
        "type": "string", "pattern": "^[A-Za-z0-9_-]{1,50}$",
        "description": "Number of a ticket, as it stands in subjects.",
    ]

    /// By name.
    static let all: [String: JSONValue] = [
        "LinkWish": linkWish, "IssuedLink": issuedLink, "Link": link, "Links": links, "DeskEvent": deskEvent,
        "DeskEventAnswer": deskEventAnswer, "OutboundAnswer": outboundAnswer, "OutboundEdits": outboundEdits,
        "Problem": problem,
    ]

    private static let linkWish = object(
        required: ["ticketNumber", "customerLogin"],
        [
            "ticketNumber": ticketNumber,
            "customerLogin": text("Login of the customer user.", pattern: #"^[^\x00-\x1F\x7F]{1,200}$"#),
        ])

    private static let issuedLink = object(
        required: ["url", "ticketNumber", "signsIn"],
        [
            "id": uuid("Id of the link, as logs and lists name it; absent where no link was made."),
            "url": text("What the person is to open.", format: "uri"),
            "ticketNumber": ticketNumber,
            "signsIn": ["type": "boolean", "description": "False where the address is the desk's own."],
        ])

    private static let link = object(
        required: ["id", "ticketNumber", "customerLogin", "recipient", "state", "origin", "createdAt"],
        [
            "id": uuid("Id of the link."), "ticketNumber": ticketNumber,
            "customerLogin": text("The customer user whom it signs in."),
            "recipient": text("The address that it was made for."),
            "state": [
                "type": "string", "enum": .array(LinkState.allCases.map { .string($0.rawValue) }),
                "description":
                    "offered: its mail was not accepted yet. active: the one to click. used: somebody signed in. superseded: a newer one took its place. revoked: taken back.",
            ],
            "origin": ["type": "string", "enum": .array(LinkOrigin.allCases.map { .string($0.rawValue) })],
            "createdAt": time("When it was made."), "usedAt": time("When somebody signed in with it."),
        ])

    private static let links = object(
        required: ["links", "hasMore"],
        [
            "links": ["type": "array", "items": reference("Link")],
            "hasMore": ["type": "boolean", "description": "True where the limit left older ones out."],
        ])

    private static let deskEvent: JSONValue = [
        "type": "object",
        "description": """
        What the desk posts; the ticket's id at the top or within Ticket, and Event and ArticleID beside it. More may stand in it.
        """,
        "anyOf": [
            ["required": ["TicketID"], "properties": ["TicketID": deskID]],
            [
                "required": ["Ticket"],
                "properties": [
                    "Ticket": ["type": "object", "required": ["TicketID"], "properties": ["TicketID": deskID]]
                ],
            ],
        ],
    ]

    /// The family writes numbers as numbers or as texts.
    private static let deskID: JSONValue = [
        "oneOf": [
            ["type": "integer", "minimum": 1, "maximum": 999_999_999_999_999_999],
            ["type": "string", "pattern": "^[1-9][0-9]{0,17}$"],
        ]
    ]

    private static let deskEventAnswer = object(
        required: ["Success"], ["Success": ["type": "integer", "const": 1]])

    private static let outboundAnswer = object(
        required: ["outcome", "mails"],
        [
            "outcome": text("What was made of the mail, in a word: linked, plain-url, untouched, ..."),
            "mails": [
                "type": "array",
                "items": object(
                    required: ["recipients", "message"],
                    [
                        "recipients": ["type": "array", "items": ["type": "string"]],
                        "message": [
                            "type": "string", "contentEncoding": "base64", "contentMediaType": "message/rfc822",
                        ],
                        "link": uuid("To be reported once the mail server has taken the mail."),
                    ]),
            ],
        ])

    private static let outboundEdits = object(
        required: ["version", "outcome", "warnings", "length", "mails"],
        [
            "version": ["type": "integer", "const": 1],
            "outcome": text("What was made of the mail, in a word: linked, plain-url, untouched, ..."),
            "warnings": [
                "type": "array",
                "items": ["type": "string", "enum": .array(OutboundWarning.allCases.map { .string($0.rawValue) })],
                "description": "Why the plain address stands where a link could have been, or why a tag stays.",
            ],
            "length": ["type": "integer", "description": "Of the message that was filtered, in bytes."],
            "mails": [
                "type": "array",
                "items": object(
                    required: ["recipients", "edits"],
                    [
                        "recipients": ["type": "array", "items": ["type": "string"]],
                        "edits": [
                            "type": "array",
                            "items": object(
                                required: ["offset", "length", "replacement"],
                                [
                                    "offset": ["type": "integer", "minimum": 0],
                                    "length": ["type": "integer", "minimum": 0],
                                    "replacement": ["type": "string", "contentEncoding": "base64"],
                                ]),
                        ],
                        "link": uuid("To be reported once the mail server has taken the mail."),
                    ]),
            ],
        ])

    private static let problem = object(
        required: ["type", "title", "status", "detail", "requestID"],
        [
            "type": text("about:blank, or urn:otalink: and the code.", format: "uri"),
            "title": text("What the status means."),
            "status": ["type": "integer", "minimum": 400, "maximum": 599],
            "detail": text("What happened, for people."),
            "code": text("A word for programs."),
            "requestID": text("The request, as the logs name it."),
        ])

    // MARK: -

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static func object(required: [String], _ properties: [String: JSONValue]) -> JSONValue {
        [
            "type": "object", "required": .array(required.map { .string($0) }), "properties": .object(properties),
        ]
    }

    private static func text(_ description: String, format: String? = nil, pattern: String? = nil) -> JSONValue {
        var members: [String: JSONValue] = ["type": "string", "description": .string(description)]
        members["format"] = format.map { .string($0) }
        members["pattern"] = pattern.map { .string($0) }
        return .object(members)
    }

    private static func uuid(_ description: String) -> JSONValue { text(description, format: "uuid") }

    private static func time(_ description: String) -> JSONValue { text(description, format: "date-time") }
}
