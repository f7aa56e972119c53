import Catalogue
import OneTimeLinks
import Text

extension SubjectHook {
    /// The mark of a ticket, with its brackets.
    package func mark(of number: TicketNumber) -> SubjectMark {
        SubjectMark(text: "[\(text)\(divider)\(number.text)]", isBehind: isBehind)
    }

    /// A subject with the mark of its ticket, as the desk writes it: a mark that is in it already is taken out first, and with
    /// `None` none is put in.
    package func marked(_ subject: String, of number: TicketNumber) -> String {
        var words = subject
        for spelling in ["\(text)\(divider)", "\(text): ", "\(text):"] {
            words = words.replacing("[\(spelling)\(number.text)]", with: "").replacing(
                "\(spelling)\(number.text)", with: "")
        }
        words = PlainText.line(words)
        guard isUsed else { return words }
        let mark = PlainText.line(mark(of: number).text)
        return (isBehind ? [words, mark] : [mark, words]).filter { !$0.isEmpty }.joined(separator: " ")
    }
}
