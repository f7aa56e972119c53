/// A form that is a button and hidden values: what it does, it does by POST to our own service.
public struct PostForm: Hashable, Sendable {
    /// A hidden value of a form.
    public struct Field: Hashable, Sendable {
        /// The name that the service reads it by.
        public var name: String
        /// Shown to nobody, and sent back as it is.
        public var value: String

        /// A hidden value under its name.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The name of the value that proves that the form is ours.
    public static let proofName = "form"

    /// The path that the form is sent to.
    public var action: String
    /// The hidden values, in the order they are sent in.
    public var fields: [Field]

    /// A form with any hidden values.
    public init(action: String, fields: [Field]) {
        self.action = action
        self.fields = fields
    }

    /// A form whose only field is the proof, named ``proofName``.
    public init(action: String, proof: String) {
        self.init(action: action, fields: [Field(name: Self.proofName, value: proof)])
    }

    /// The hidden values, for a form that asks for others too.
    var hiddenFields: HTML {
        HTML(fields.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
    }

    func html(button: HTML, style: ButtonStyle) -> HTML {
        """
        <form method="post" action="\(action)">\(hiddenFields)<button type="submit" class="\(style.rawValue)">\
        <span>\(button)</span></button></form>

        """
    }
}

/// How much a button asks to be pressed.
enum ButtonStyle: String {
    case primary, secondary, quiet
}
