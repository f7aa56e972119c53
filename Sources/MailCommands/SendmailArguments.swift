/// The arguments of `sendmail`, as far as they say who sends a mail and who gets it; the rest is passed on.
public struct SendmailArguments: Sendable, Equatable {
    /// `-f` or `-r`: the envelope sender.
    public var sender: String?
    /// `-t`: the header names the recipients.
    public var readsHeader = false
    public var recipients: [String] = []
    /// All other options, as they stood.
    public var options: [String] = []
    /// False where no message comes on standard input: `-bs`, `-bp`, `-q` and the like.
    public var isSubmission = true
    /// All of them, as they stood.
    public let all: [String]

    /// Options whose value may stand in the next argument.
    private static let valued = Set("frFBCLNORVXhp")

    public init(_ arguments: [String]) {
        all = arguments
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                recipients += rest
                break
            }
            guard argument.hasPrefix("-"), argument.count > 1 else {
                recipients.append(argument)
                continue
            }
            let letter = argument[argument.index(after: argument.startIndex)]
            let attached = String(argument.dropFirst(2))
            let value = attached.isEmpty && Self.valued.contains(letter) ? rest.popFirst() : nil
            switch letter {
            case "f", "r": sender = value ?? attached
            case "t" where attached.isEmpty: readsHeader = true
            // Postfix takes -i and -t together, as in -ti or -it.
            case "i" where attached == "t", "t" where attached == "i":
                readsHeader = true
                options.append("-i")
            case "b" where attached != "m", "q", "I": isSubmission = false
            default: options += [argument] + (value.map { [$0] } ?? [])
            }
        }
    }

    /// The arguments for a mail whose recipients are known.
    ///
    /// A line with a single dot ends no mail (`-i`), and no address is taken for an option.
    public func arguments(for recipients: [String]) -> [String] {
        let withoutDots = options.contains("-i") || options.contains("-oi") ? [] : ["-i"]
        return options + withoutDots + (sender.map { ["-f", $0] } ?? []) + ["--"] + recipients
    }
}
