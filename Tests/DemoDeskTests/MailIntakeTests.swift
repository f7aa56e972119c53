import DemoDesk
import Testing

@Suite("Mails that become tickets of the stand-in desk")
struct MailIntakeTests {
    static let mails: [(name: String, mail: String, login: String, customerID: String, title: String, body: String)] = [
        (
            "a plain mail belongs to its sender",
            "From: Erika <erika@kunde.example>\r\nSubject: Hallo\r\n\r\nGuten Tag\r\n",
            "erika@kunde.example", "erika@kunde.example", "Hallo", "Guten Tag\n"
        ),
        (
            "trusted headers win",
            "X-OTOBO-CustomerUser: erika\nX-OTOBO-CustomerNo: ACME\nFrom: other@kunde.example\nSubject: x\n\ny",
            "erika", "ACME", "x", "y"
        ),
        (
            "encoded words and quoted-printable",
            """
            From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@kunde.example>
            Subject: =?utf-8?B?w6TDtg==?= =?iso-8859-1?Q?=FC?= Ende
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Gr=C3=BC=
            =C3=9Fe
            """, "joerg@kunde.example", "joerg@kunde.example", "äöü Ende", "Grüße"
        ),
        (
            "of a multipart mail the plain part",
            """
            From: a@kunde.example
            Subject: folded
             subject
            Content-Type: multipart/alternative; boundary="b1"

            preamble
            --b1
            Content-Type: text/html

            <p>no</p>
            --b1
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            SsO2cmc=
            --b1--
            """, "a@kunde.example", "a@kunde.example", "folded subject", "Jörg"
        ),
        ("an empty mail", "", "", "", "(no subject)", ""),
    ]

    @Test("A mail whose subject marks an open ticket, or that refers to a mail of one, is added to it")
    func followUps() async throws {
        let desk = await RecordedDesk.make()
        func receive(_ lines: String...) async -> DemoTicket {
            let mail = (["From: Erika <erika@kunde.example>"] + lines + ["", "x", ""]).joined(separator: "\r\n")
            return await desk.receive(mail: Array(mail.utf8))
        }
        let first = await receive("Subject: Hallo", "Message-ID: <1@kunde.example>")
        #expect(await receive("Subject: Re: [Ticket#\(first.number)] Hallo").number == first.number)
        #expect(
            await receive("Subject: so", "References: <0@x> <1@kunde.example>", "Message-ID: <2@kunde.example>").number
                == first.number)
        #expect(await receive("Subject: so", "In-Reply-To: <2@kunde.example>").articles.count == 4)
        #expect(await receive("Subject: so").number != first.number)
        try await desk.close(first.number)
        #expect(await receive("Subject: so", "In-Reply-To: <1@kunde.example>").number != first.number)
    }

    @Test("A mail gives a ticket", arguments: mails)
    func ticket(
        _ row: (name: String, mail: String, login: String, customerID: String, title: String, body: String)
    ) async throws {
        let desk = await RecordedDesk.make()
        let ticket = await desk.receive(mail: Array(row.mail.utf8))
        #expect(ticket.customerLogin == row.login, "\(row.name)")
        #expect(ticket.customerID == row.customerID, "\(row.name)")
        #expect(ticket.title == row.title, "\(row.name)")
        #expect(ticket.articles.first?.body == row.body, "\(row.name)")
    }
}
