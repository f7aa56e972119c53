/// The sign above a heading; it repeats in a picture what the heading says, so screen readers skip it.
enum Symbol {
    case mail, done, attention

    init(_ answer: AnswerPage.Answer) {
        self =
            switch answer {
            case .message(.newLink, _), .message(.wrongLink, _), .linkRequested: .mail
            case .signedOut: .done
            default: .attention
            }
    }

    var html: HTML {
        """
        <svg class="symbol" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" focusable="false">\
        <circle cx="24" cy="24" r="24"/>\(strokes)</svg>

        """
    }

    private var strokes: HTML {
        switch self {
        case .mail: "<path d=\"M13 17h22v15H13zM13 18l11 8 11-8\"/>"
        case .done: "<path d=\"M15 25l6 6 12-13\"/>"
        case .attention: "<path d=\"M24 14v13M24 33.5v.5\"/>"
        }
    }
}
