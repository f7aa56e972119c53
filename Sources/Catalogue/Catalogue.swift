/// The built-in texts of one language, all plain text.
///
/// A language is one file, `Catalogue+NAME.swift`, with one value of this type, named in ``all``. A text that is
/// missing there does not compile.
public struct Catalogue: Sendable {
    /// The language of all the texts.
    public let language: Language
    package let customerMessages: CustomerMessages
    package let answers: Answers
    package let confirmation: Confirmation
    package let freshLink: FreshLink
    package let newLink: NewLink
    package let clientSignIn: ClientSignIn
    package let ticket: TicketLabels
    package let sessions: SessionTexts
    package let accountQuestion: AccountQuestion
    package let frame: FrameLabels
    let mail: MailTexts
    let dates: DateTexts

    /// The catalogues there are; the first is the one for languages that have none.
    public static let all: [Catalogue] = [.english, .german]

    /// The catalogue of a language; English where there is none.
    public init(for language: Language) {
        self = Self.all.first { $0.language == language } ?? .english
    }

    init(
        language: Language, customerMessages: CustomerMessages, answers: Answers, confirmation: Confirmation,
        freshLink: FreshLink, newLink: NewLink, clientSignIn: ClientSignIn, ticket: TicketLabels,
        sessions: SessionTexts,
        accountQuestion: AccountQuestion, frame: FrameLabels, mail: MailTexts, dates: DateTexts
    ) {
        self.language = language
        self.customerMessages = customerMessages
        self.answers = answers
        self.confirmation = confirmation
        self.freshLink = freshLink
        self.newLink = newLink
        self.clientSignIn = clientSignIn
        self.ticket = ticket
        self.sessions = sessions
        self.accountQuestion = accountQuestion
        self.frame = frame
        self.mail = mail
        self.dates = dates
    }
}
