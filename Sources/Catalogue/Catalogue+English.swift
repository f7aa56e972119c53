extension Catalogue {
    static let english = Catalogue(
        language: .english,
        customerMessages: CustomerMessages(
            refreshFailed: Notice(
                heading: "That did not work",
                text: """
                    We are sorry: a link to your ticket could not be created. Please reply to our last email about \
                    your ticket or contact the help desk, and we will help you.
                    """),
            newLink: Notice(
                heading: "Please check your email",
                text: """
                    For your security, each link works only once. A new link is on its way to the email address \
                    that is stored with your ticket.

                    It should arrive within a few minutes. If it does not, please look in your spam folder too.
                    """),
            linkExpired: Notice(
                heading: "This link is no longer valid",
                text: """
                    The link cannot be used any more, perhaps because the ticket was closed some time ago. Please \
                    reply to our last email about your ticket or contact the help desk. We will be glad to help you.
                    """),
            wrongLink: Notice(
                heading: "There is a newer link",
                text: """
                    We have sent you a newer link to this ticket, and only the newest one works. Please look for our \
                    latest email and use the link in it.
                    """)),
        answers: Answers(
            tooManyRequests: Notice(
                heading: "One moment, please",
                text: """
                    There have been too many attempts in a short time. Please wait a little before you try again.
                    """),
            retryInOneMinute: "You can try again in one minute.",
            retryInMinutes: "You can try again in \(.count) minutes.",
            mailRefused: Notice(
                heading: "Our email did not arrive",
                text: """
                    We tried to mail you a new link, and our email could not be delivered to the address that is stored \
                    with your ticket. Please contact the help desk, so that we can help you another way.
                    """),
            temporarilyUnavailable: Notice(
                heading: "Please try again shortly",
                text: """
                    We cannot answer you at the moment. Please try again in a few minutes.
                    """),
            linkUnspent: Notice(
                heading: "Please try again shortly",
                text: """
                    We cannot open your ticket at the moment. Your link has not been used up by this attempt: please \
                    try it again in a few minutes.
                    """),
            ticketGone: Notice(
                heading: "This ticket is gone",
                text: """
                    The help desk has removed this ticket, so there is nothing to show any more. If you still need \
                    help, please write to us.
                    """),
            notFound: Notice(
                heading: "Page not found",
                text: """
                    There is nothing at this address. If you copied a link from one of our emails, please check that \
                    you have all of it.
                    """),
            methodNotAllowed: Notice(
                heading: "This page cannot be opened like this",
                text: "Please open the link in our email again."),
            foreignHost: Notice(
                heading: "This is not our address",
                text: """
                    We do not answer under the address that your browser has opened. Please open the link in our email \
                    again.
                    """),
            badForm: Notice(
                heading: "Please open the link again",
                text: """
                    Your browser did not send the cookie that belongs to this form, or the form was open for too long. \
                    Please allow cookies for this site and open the link in our email once more.
                    """),
            badNewLinkForm: Notice(
                heading: "Please fill in the form again",
                text: """
                    We could not read what your browser sent. Perhaps it sent no cookie, the form was open for too long, \
                    or the entry was too long. Please allow cookies for this site and fill in the form once more.
                    """),
            internalError: Notice(
                heading: "Something went wrong",
                text: """
                    We are sorry: something went wrong on our side. Please try again in a few minutes.
                    """),
            requestID: "If it keeps happening, please tell the help desk this number: \(.id)",
            signedOut: Notice(
                heading: "You are signed out",
                text: """
                    To see your ticket again, open the link in our latest email. If you have used it already, we \
                    will send you a new one.
                    """)),
        confirmation: Confirmation(
            notice: Notice(
                heading: "Open your ticket",
                text: "You followed a link from one of our emails. Press the button to sign in with it."),
            button: "Open my ticket",
            reason: """
                Why this step? Some mail programs open links by themselves to check them. Your link works only \
                once, and it is not used until you press the button.
                """),
        freshLink: FreshLink(
            hint: "You cannot find that email? We can send you a fresh link.",
            button: "Mail me a fresh link"),
        newLink: NewLink(
            notice: Notice(
                heading: "Get a new link to your ticket",
                text: "Enter your ticket number and the email address that you wrote to us from."),
            ticketNumber: "Ticket number",
            email: "Email address",
            button: "Mail me a link",
            reason: "We only ever send links to the email address that is stored with a ticket.",
            ticketUnclear: """
                We did not find a ticket number in what you entered. It stands in the subject of our emails; please enter \
                just the number.
                """,
            emailUnclear: """
                That is not one complete email address. Please enter it like this: name@example.org
                """,
            requested: Notice(
                heading: "Please check your email",
                text: """
                    If the ticket number and the email address belong together, we mail a new link to that address. \
                    It should arrive within a few minutes. If we have mailed one just now, or several within the last \
                    hour, no other follows yet: please use the latest.

                    If you have no email from us, please look in your spam folder, and check the number and the \
                    address. If you have a password, please sign in with it. If nothing helps, contact the help desk.
                    """),
            invitation: "Get a new link"),
        clientSignIn: ClientSignIn(
            needed: """
                The help desk wants to know who you are, and you are not signed in with this browser. A link that we mail \
                you signs you in: open it in this browser, and you will be taken on from there.
                """,
            neededAgain: """
                The help desk wants to be sure that it is you, although you are signed in. A link that we mail you \
                confirms it: open it in this browser, and you will be taken on from there.
                """,
            refused: Notice(
                heading: "This sign-in cannot go on",
                text: """
                    The page that sent you here asked for your sign-in in a way that we cannot answer. You have done \
                    nothing wrong. Please open the link in our latest email instead, and tell the help desk about it.
                    """),
            endless: Notice(
                heading: "The sign-in goes round in circles",
                text: """
                    You are signed in here, but the page that you wanted does not accept it and keeps asking. Please \
                    allow cookies for that page, wait half a minute and try again. If that does not help, please tell \
                    the help desk.
                    """),
            handOver: Notice(
                heading: "You are signed in", text: "One more step takes you back to the page you wanted."),
            handOverButton: "Continue",
            signOutQuestion: Notice(
                heading: "Sign out here too?",
                text: """
                    You have left the help desk. This browser is still signed in here: whoever uses it next can open \
                    your tickets again.
                    """)),
        ticket: TicketLabels(
            number: "Ticket number",
            state: "State",
            signedInAs: "Signed in as",
            messages: "Messages",
            noMessages: "There are no messages yet.",
            from: "From",
            writtenAt: "Written",
            you: "You",
            helpDesk: "Help desk",
            otherSender: "Somebody else",
            howToReply: "To reply, simply answer our latest email about this ticket.",
            linkHidden: "(sign-in link hidden)",
            attachments: "With attachments, which are not shown here:",
            moreAttachments: "and \(.count) more",
            messageCut: "The rest of this message is too long to be shown here. The help desk has all of it.",
            messagesCut: "There are older messages, which do not fit on this page. The help desk has all of them.",
            addressesCut: "There are very many web addresses in these messages. Only the first of them can be clicked.",
            signedInUntil: "Signed in until \(.moment)",
            signOut: "Sign out",
            timeZone: "All times are in the time zone \(.zone)."),
        sessions: SessionTexts(
            notice: Notice(
                heading: "Where you are signed in",
                text: "Whoever uses one of these browsers can see what you see. You can end that here."),
            thisBrowser: "this browser",
            unknownBrowser: "Unknown browser",
            began: "Signed in on \(.moment).",
            lastUsed: "Last used on \(.moment).",
            signOutEverywhere: "Sign out everywhere",
            allTickets: "All of your tickets",
            signOutOfTicket: "Sign out of this ticket",
            invitation: "Where am I signed in?"),
        accountQuestion: AccountQuestion(
            heading: "Switch to another account?",
            text: "You are signed in as \(.signedInAs). The link that you opened belongs to \(.linkOwner).",
            goOn: "Go on as \(.linkOwner)",
            stay: "Stay signed in as \(.signedInAs)"),
        frame: FrameLabels(
            unnamedSite: "Help desk",
            skipToContent: "Skip to content",
            needHelp: "Need help?",
            contact: "Contact the help desk"),
        mail: MailTexts(
            greeting: "Hello \(.name),",
            greetingWithoutName: "Hello,",
            refreshSubject: "Your new link, \(.moment)",
            newTicketSubject: "We have received your message",
            newsSubject: "There is news about your ticket",
            refreshIntroduction: "here is your new link to ticket \(.ticket):",
            newTicketIntroduction: """
                thank you for your message. It has become ticket \(.ticket), and we will get back to you as soon as \
                we can.
                """,
            newsIntroduction: "there is news about your ticket \(.ticket).",
            newTicketLink: "With this link you can look at your ticket. You need no password for it:",
            newTicketPlainLink: "You can look at your ticket here:",
            ticketWithTitle: "\(.number) (“\(.title)”)",
            worksOnce: """
                The link works once. When you want to see the ticket again later, simply open the link again, and we \
                will mail you a new one.
                """,
            worksOnceUntil: """
                The link works once, until \(.moment). When you want to see the ticket again later, simply open the \
                link again, and we will mail you a new one.
                """,
            keepToYourself: "Please do not pass this link on: whoever has it can open your ticket.",
            refreshReason: """
                This email comes from \(.site), because somebody asked for a new link to your ticket or opened an \
                older one. If that was not you, you can ignore this email.
                """,
            newTicketReason: """
                This email comes from \(.site), because we received a message from your address. If you did not \
                write to us, you can ignore this email.
                """,
            newsReason: """
                This email comes from \(.site), because you have a ticket with us. If you did not write to us, you can \
                ignore this email.
                """,
            closing: "Kind regards"),
        dates: DateTexts(
            months: [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December",
            ],
            moment: "\(.day) \(.month) \(.year), \(.hour):\(.minute)",
            momentWithZone: "\(.moment) (\(.zone))"))
}
