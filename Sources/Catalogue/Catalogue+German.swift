extension Catalogue {
    static let german = Catalogue(
        language: .german,
        customerMessages: CustomerMessages(
            refreshFailed: Notice(
                heading: "Das hat leider nicht geklappt",
                text: """
                    Wir konnten keinen Link zu Ihrem Ticket erstellen. Bitte antworten Sie auf unsere letzte E-Mail zu \
                    Ihrem Ticket oder wenden Sie sich an den Helpdesk. Wir helfen Ihnen gern weiter.
                    """),
            newLink: Notice(
                heading: "Bitte sehen Sie in Ihre E-Mails",
                text: """
                    Zu Ihrer Sicherheit funktioniert jeder Link nur einmal. Ein neuer Link ist unterwegs an die \
                    E-Mail-Adresse, die zu Ihrem Ticket hinterlegt ist.

                    Er sollte in wenigen Minuten bei Ihnen sein. Falls nicht, sehen Sie bitte auch im Spam-Ordner nach.
                    """),
            linkExpired: Notice(
                heading: "Dieser Link gilt nicht mehr",
                text: """
                    Der Link lässt sich nicht mehr verwenden, vielleicht weil das Ticket schon länger geschlossen ist. \
                    Bitte antworten Sie auf unsere letzte E-Mail zu Ihrem Ticket oder wenden Sie sich an den Helpdesk. \
                    Wir helfen Ihnen gern weiter.
                    """),
            wrongLink: Notice(
                heading: "Es gibt einen neueren Link",
                text: """
                    Wir haben Ihnen inzwischen einen neueren Link zu diesem Ticket geschickt, und nur der neueste \
                    funktioniert. Bitte suchen Sie unsere letzte E-Mail heraus und öffnen Sie den Link darin.
                    """)),
        answers: Answers(
            tooManyRequests: Notice(
                heading: "Einen Moment bitte",
                text: """
                    Das waren zu viele Versuche in kurzer Zeit. Bitte warten Sie ein wenig, bevor Sie es noch einmal \
                    versuchen.
                    """),
            retryInOneMinute: "In einer Minute können Sie es wieder versuchen.",
            retryInMinutes: "In \(.count) Minuten können Sie es wieder versuchen.",
            mailRefused: Notice(
                heading: "Unsere E-Mail kam nicht an",
                text: """
                    Wir wollten Ihnen einen neuen Link schicken, und unsere E-Mail ließ sich nicht an die Adresse \
                    zustellen, die zu Ihrem Ticket hinterlegt ist. Bitte wenden Sie sich an den Helpdesk, damit wir Ihnen \
                    anders helfen können.
                    """),
            temporarilyUnavailable: Notice(
                heading: "Bitte versuchen Sie es gleich noch einmal",
                text: """
                    Wir können Ihnen im Moment nicht antworten. Bitte versuchen Sie es in ein paar Minuten noch einmal.
                    """),
            linkUnspent: Notice(
                heading: "Bitte versuchen Sie es gleich noch einmal",
                text: """
                    Wir können Ihr Ticket im Moment nicht öffnen. Ihr Link ist durch diesen Versuch nicht verbraucht: \
                    Bitte probieren Sie ihn in ein paar Minuten noch einmal.
                    """),
            ticketGone: Notice(
                heading: "Dieses Ticket gibt es nicht mehr",
                text: """
                    Der Helpdesk hat dieses Ticket entfernt, daher gibt es hier nichts mehr zu sehen. Falls Sie noch \
                    Hilfe brauchen, schreiben Sie uns bitte.
                    """),
            notFound: Notice(
                heading: "Seite nicht gefunden",
                text: """
                    Unter dieser Adresse gibt es nichts. Falls Sie einen Link aus einer unserer E-Mails kopiert haben, \
                    prüfen Sie bitte, ob er vollständig ist.
                    """),
            methodNotAllowed: Notice(
                heading: "So lässt sich diese Seite nicht öffnen",
                text: "Bitte öffnen Sie den Link in unserer E-Mail noch einmal."),
            foreignHost: Notice(
                heading: "Das ist nicht unsere Adresse",
                text: """
                    Unter der Adresse, die Ihr Browser geöffnet hat, antworten wir nicht. Bitte öffnen Sie den Link in \
                    unserer E-Mail noch einmal.
                    """),
            badForm: Notice(
                heading: "Bitte öffnen Sie den Link noch einmal",
                text: """
                    Ihr Browser hat das Cookie nicht mitgeschickt, das zu diesem Formular gehört, oder das Formular \
                    war zu lange geöffnet. Bitte erlauben Sie Cookies für diese Seite und öffnen Sie den Link in \
                    unserer E-Mail noch einmal.
                    """),
            badNewLinkForm: Notice(
                heading: "Bitte füllen Sie das Formular noch einmal aus",
                text: """
                    Was Ihr Browser geschickt hat, konnten wir nicht lesen. Vielleicht fehlte das Cookie, das Formular war \
                    zu lange geöffnet oder die Eingabe zu lang. Bitte erlauben Sie Cookies für diese Seite und füllen Sie \
                    das Formular noch einmal aus.
                    """),
            internalError: Notice(
                heading: "Da ist etwas schiefgegangen",
                text: """
                    Das tut uns leid, der Fehler liegt bei uns. Bitte versuchen Sie es in ein paar Minuten noch einmal.
                    """),
            requestID: "Falls es wieder passiert, nennen Sie dem Helpdesk bitte diese Nummer: \(.id)",
            signedOut: Notice(
                heading: "Sie sind abgemeldet",
                text: """
                    Wenn Sie Ihr Ticket wieder ansehen möchten, öffnen Sie den Link in unserer letzten E-Mail. Haben \
                    Sie ihn schon benutzt, schicken wir Ihnen einen neuen.
                    """)),
        confirmation: Confirmation(
            notice: Notice(
                heading: "Ihr Ticket öffnen",
                text: """
                    Sie sind einem Link aus einer unserer E-Mails gefolgt. Drücken Sie auf die Schaltfläche, um sich \
                    damit anzumelden.
                    """),
            button: "Mein Ticket öffnen",
            reason: """
                Wozu dieser Schritt? Manche Mailprogramme öffnen Links von selbst, um sie zu prüfen. Ihr Link \
                funktioniert nur einmal, und er wird erst verbraucht, wenn Sie auf die Schaltfläche drücken.
                """),
        freshLink: FreshLink(
            hint: "Sie finden die E-Mail nicht? Wir schicken Ihnen gern einen neuen Link.",
            button: "Neuen Link zuschicken"),
        newLink: NewLink(
            notice: Notice(
                heading: "Neuer Link zu Ihrem Ticket",
                text: "Geben Sie Ihre Ticketnummer ein und die E-Mail-Adresse, von der aus Sie uns geschrieben haben."),
            ticketNumber: "Ticketnummer",
            email: "E-Mail-Adresse",
            button: "Link zuschicken",
            reason: "Links schicken wir immer nur an die E-Mail-Adresse, die zu einem Ticket gespeichert ist.",
            ticketUnclear: """
                In Ihrer Eingabe haben wir keine Ticketnummer gefunden. Sie steht im Betreff unserer E-Mails; bitte geben \
                Sie nur die Nummer ein.
                """,
            emailUnclear: """
                Das ist keine einzelne, vollständige E-Mail-Adresse. Bitte geben Sie sie so ein: name@example.org
                """,
            requested: Notice(
                heading: "Bitte sehen Sie in Ihre E-Mails",
                text: """
                    Wenn Ticketnummer und E-Mail-Adresse zusammengehören, schicken wir einen neuen Link an diese Adresse. \
                    Er sollte in ein paar Minuten da sein. Haben wir gerade erst einen geschickt oder mehrere in der \
                    letzten Stunde, folgt vorerst kein weiterer: Bitte benutzen Sie den neuesten.

                    Wenn Sie keine E-Mail von uns finden, sehen Sie bitte auch im Spam-Ordner nach und prüfen Sie \
                    Nummer und Adresse. Falls Sie ein Passwort haben, melden Sie sich bitte damit an. Wenn nichts hilft, \
                    wenden Sie sich an den Helpdesk.
                    """),
            invitation: "Neuen Link anfordern"),
        clientSignIn: ClientSignIn(
            needed: """
                Der Helpdesk möchte wissen, wer Sie sind, und Sie sind mit diesem Browser nicht angemeldet. Ein Link, den \
                wir Ihnen zuschicken, meldet Sie an: Öffnen Sie ihn in diesem Browser, dann geht es von dort aus weiter.
                """,
            neededAgain: """
                Der Helpdesk möchte sichergehen, dass Sie es sind, obwohl Sie angemeldet sind. Ein Link, den wir Ihnen \
                zuschicken, bestätigt es: Öffnen Sie ihn in diesem Browser, dann geht es von dort aus weiter.
                """,
            refused: Notice(
                heading: "Diese Anmeldung kann nicht weitergehen",
                text: """
                    Die Seite, von der Sie kommen, hat so nach Ihrer Anmeldung gefragt, dass wir nicht antworten können. \
                    Sie haben nichts falsch gemacht. Bitte öffnen Sie stattdessen den Link in unserer letzten E-Mail und \
                    sagen Sie dem Helpdesk Bescheid.
                    """),
            endless: Notice(
                heading: "Die Anmeldung dreht sich im Kreis",
                text: """
                    Sie sind hier angemeldet, aber die gewünschte Seite nimmt das nicht an und fragt immer wieder. Bitte \
                    erlauben Sie Cookies für jene Seite, warten Sie eine halbe Minute und versuchen Sie es noch einmal. \
                    Wenn das nicht hilft, sagen Sie bitte dem Helpdesk Bescheid.
                    """),
            handOver: Notice(
                heading: "Sie sind angemeldet", text: "Noch ein Schritt, dann sind Sie auf der gewünschten Seite."),
            handOverButton: "Weiter",
            signOutQuestion: Notice(
                heading: "Auch hier abmelden?",
                text: """
                    Sie haben den Helpdesk verlassen. Dieser Browser ist hier noch angemeldet: Wer ihn als Nächstes \
                    benutzt, kann Ihre Tickets wieder öffnen.
                    """)),
        ticket: TicketLabels(
            number: "Ticketnummer",
            state: "Status",
            signedInAs: "Angemeldet als",
            messages: "Nachrichten",
            noMessages: "Noch gibt es keine Nachrichten.",
            from: "Von",
            writtenAt: "Geschrieben am",
            you: "Sie",
            helpDesk: "Helpdesk",
            otherSender: "Jemand anderes",
            howToReply: "Zum Antworten schreiben Sie einfach auf unsere letzte E-Mail zu diesem Ticket zurück.",
            linkHidden: "(Anmeldelink ausgeblendet)",
            attachments: "Mit Anhängen, die hier nicht gezeigt werden:",
            moreAttachments: "und \(.count) weitere",
            messageCut:
                "Der Rest dieser Nachricht ist zu lang, um hier gezeigt zu werden. Dem Helpdesk liegt sie ganz vor.",
            messagesCut: "Es gibt ältere Nachrichten, die nicht auf diese Seite passen. Dem Helpdesk liegen alle vor.",
            addressesCut: "In diesen Nachrichten stehen sehr viele Webadressen. Nur die ersten lassen sich anklicken.",
            signedInUntil: "Angemeldet bis \(.moment)",
            signOut: "Abmelden",
            timeZone: "Alle Zeiten gelten für die Zeitzone \(.zone)."),
        sessions: SessionTexts(
            notice: Notice(
                heading: "Wo Sie angemeldet sind",
                text: "Wer einen dieser Browser benutzt, sieht, was Sie sehen. Hier können Sie das beenden."),
            thisBrowser: "dieser Browser",
            unknownBrowser: "Unbekannter Browser",
            began: "Angemeldet am \(.moment).",
            lastUsed: "Zuletzt benutzt am \(.moment).",
            signOutEverywhere: "Überall abmelden",
            allTickets: "Alle Ihre Tickets",
            signOutOfTicket: "Von diesem Ticket abmelden",
            invitation: "Wo bin ich angemeldet?"),
        accountQuestion: AccountQuestion(
            heading: "Möchten Sie das Konto wechseln?",
            text: "Sie sind als \(.signedInAs) angemeldet. Der Link, den Sie geöffnet haben, gehört zu \(.linkOwner).",
            goOn: "Als \(.linkOwner) fortfahren",
            stay: "Als \(.signedInAs) angemeldet bleiben"),
        frame: FrameLabels(
            unnamedSite: "Helpdesk",
            skipToContent: "Zum Inhalt springen",
            needHelp: "Brauchen Sie Hilfe?",
            contact: "Helpdesk kontaktieren"),
        mail: MailTexts(
            greeting: "Guten Tag \(.name),",
            greetingWithoutName: "Guten Tag,",
            refreshSubject: "Ihr neuer Link vom \(.moment)",
            newTicketSubject: "Wir haben Ihre Nachricht erhalten",
            newsSubject: "Neues zu Ihrem Ticket",
            refreshIntroduction: "hier ist Ihr neuer Link zum Ticket \(.ticket):",
            newTicketIntroduction: """
                vielen Dank für Ihre Nachricht. Sie hat die Ticketnummer \(.ticket) bekommen, und wir melden uns so \
                bald wie möglich bei Ihnen.
                """,
            newsIntroduction: "es gibt Neues zu Ihrem Ticket \(.ticket).",
            newTicketLink: "Mit diesem Link können Sie Ihr Ticket ansehen. Ein Passwort brauchen Sie dafür nicht:",
            newTicketPlainLink: "Hier können Sie Ihr Ticket ansehen:",
            ticketWithTitle: "\(.number) („\(.title)“)",
            worksOnce: """
                Der Link funktioniert einmal. Möchten Sie das Ticket später wieder ansehen, öffnen Sie den Link \
                einfach noch einmal: Wir schicken Ihnen dann einen neuen.
                """,
            worksOnceUntil: """
                Der Link funktioniert einmal, und zwar bis zum \(.moment). Möchten Sie das Ticket später wieder \
                ansehen, öffnen Sie den Link einfach noch einmal: Wir schicken Ihnen dann einen neuen.
                """,
            keepToYourself: """
                Bitte geben Sie diesen Link nicht weiter: Wer ihn hat, kann Ihr Ticket öffnen.
                """,
            refreshReason: """
                Diese E-Mail kommt von \(.site), weil jemand einen neuen Link zu Ihrem Ticket angefordert oder einen \
                älteren geöffnet hat. Falls Sie das nicht waren, brauchen Sie nichts zu tun.
                """,
            newTicketReason: """
                Diese E-Mail kommt von \(.site), weil wir eine Nachricht von Ihrer Adresse erhalten haben. Falls Sie \
                uns nicht geschrieben haben, brauchen Sie nichts zu tun.
                """,
            newsReason: """
                Diese E-Mail kommt von \(.site), weil Sie ein Ticket bei uns haben. Falls Sie uns nicht geschrieben \
                haben, brauchen Sie nichts zu tun.
                """,
            closing: "Mit freundlichen Grüßen"),
        dates: DateTexts(
            months: [
                "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
                "November", "Dezember",
            ],
            moment: "\(.day). \(.month) \(.year), \(.hour):\(.minute) Uhr",
            momentWithZone: "\(.moment) (\(.zone))"))
}
