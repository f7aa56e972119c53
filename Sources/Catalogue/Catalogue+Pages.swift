/// A heading and what is said under it; paragraphs are parted by an empty line.
public struct Notice: Hashable, Sendable {
    /// One short line.
    public let heading: String
    /// Plain text.
    public let text: String
}

extension Catalogue {
    /// The messages that an administrator can replace.
    package struct CustomerMessages: Sendable {
        package let refreshFailed: Notice
        package let newLink: Notice
        package let linkExpired: Notice
        package let wrongLink: Notice
    }

    /// What a page says when there is nothing else to show.
    package struct Answers: Sendable {
        /// 429.
        package let tooManyRequests: Notice
        /// Follows ``tooManyRequests`` when the wait is known.
        package let retryInOneMinute: String
        package let retryInMinutes: Wording<CountField>
        /// The mail with the new link was refused for good.
        package let mailRefused: Notice
        /// 503; says nothing of a link.
        package let temporarilyUnavailable: Notice
        /// 503 at a link that still works.
        package let linkUnspent: Notice
        /// 410.
        package let ticketGone: Notice
        /// 404.
        package let notFound: Notice
        /// 405.
        package let methodNotAllowed: Notice
        /// 421.
        package let foreignHost: Notice
        /// A form without its cookie, or from elsewhere.
        package let badForm: Notice
        /// The same of the form for a new link.
        package let badNewLinkForm: Notice
        /// 500.
        package let internalError: Notice
        /// Follows ``internalError``.
        package let requestID: Wording<RequestIDField>
        package let signedOut: Notice
    }

    /// The page that stands between the mail and the sign-in.
    package struct Confirmation: Sendable {
        package let notice: Notice
        package let button: String
        /// Why there is a button at all, in small print.
        package let reason: String
    }

    /// The page of a person's sessions.
    package struct SessionTexts: Sendable {
        package let notice: Notice
        package let thisBrowser: String
        package let unknownBrowser: String
        package let began: Wording<MomentField>
        package let lastUsed: Wording<MomentField>
        package let signOutEverywhere: String
        /// What a session shows that is not for one ticket.
        package let allTickets: String
        package let signOutOfTicket: String
        /// The link to the page.
        package let invitation: String
    }

    /// Asking for another link.
    package struct FreshLink: Sendable {
        /// Stands above the button.
        package let hint: String
        package let button: String
    }

    /// The page on which anybody may ask for a link to their ticket.
    package struct NewLink: Sendable {
        package let notice: Notice
        package let ticketNumber: String
        package let email: String
        package let button: String
        /// Why the page does not say more, in small print.
        package let reason: String
        /// What was typed holds no ticket number.
        package let ticketUnclear: String
        /// What was typed is not one address.
        package let emailUnclear: String
        /// The link request was written down.
        package let requested: Notice
        /// Leads to this page from others.
        package let invitation: String
    }

    /// Signing in at the help desk or another program, which sends the browser to us and gets it back.
    package struct ClientSignIn: Sendable {
        /// Stands above the form for a new link: why the page came.
        package let needed: String
        /// The same for somebody who is signed in, but is asked to sign in anew.
        package let neededAgain: String
        /// The program asked in a way that cannot be answered.
        package let refused: Notice
        /// The program sends the browser back again and again.
        package let endless: Notice
        /// Stands before the browser goes back.
        package let handOver: Notice
        package let handOverButton: String
        package let signOutQuestion: Notice
    }

    /// The ticket page.
    package struct TicketLabels: Sendable {
        package let number: String
        package let state: String
        package let signedInAs: String
        package let messages: String
        package let noMessages: String
        package let from: String
        package let writtenAt: String
        /// Marks what the customer wrote.
        package let you: String
        /// Marks what the help desk wrote.
        package let helpDesk: String
        /// Marks what somebody else wrote.
        package let otherSender: String
        package let howToReply: String
        /// Stands where a sign-in link was in a message.
        package let linkHidden: String
        /// Stands under a message with files; their names follow.
        package let attachments: String
        /// Stands behind the names if there are more.
        package let moreAttachments: Wording<CountField>
        /// Stands under a message of which only the beginning is shown.
        package let messageCut: String
        /// Stands under the messages if older ones are not shown.
        package let messagesCut: String
        /// Stands under the messages if some web addresses in them are no links.
        package let addressesCut: String
        package let signedInUntil: Wording<MomentField>
        package let signOut: String
        /// Says which zone the times of the page are in.
        package let timeZone: Wording<ZoneField>
    }

    /// "You are signed in as B. Go on as A?"
    package struct AccountQuestion: Sendable {
        package let heading: String
        package let text: Wording<AccountField>
        package let goOn: Wording<AccountField>
        package let stay: Wording<AccountField>
    }

    /// What stands on every page.
    package struct FrameLabels: Sendable {
        /// The header of a site that has no name of its own.
        package let unnamedSite: String
        package let skipToContent: String
        /// Stands before the address of the help desk.
        package let needHelp: String
        /// The text of the link to the help desk's page.
        package let contact: String
    }

    package enum CountField: Hashable, Sendable { case count }
    package enum RequestIDField: Hashable, Sendable { case id }
    package enum MomentField: Hashable, Sendable { case moment }
    package enum ZoneField: Hashable, Sendable { case zone }
    package enum AccountField: Hashable, Sendable { case signedInAs, linkOwner }
}
