import DemoDesk
import Foundation
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("Attachments of articles")
struct AttachmentTests {
    private static func file(
        _ name: String, _ type: String, disposition: String = "attachment", contentID: String = ""
    ) -> String {
        #"{"FileID":"1","Filename":"\#(name)","ContentType":"\#(type)","ContentID":"\#(contentID)","ContentAlternative":"","#
            + #""Disposition":"\#(disposition)","FilesizeRaw":"9","Content":""}"#
    }

    private static let body = file("file-2", #"text/html; charset=\"utf-8\""#, disposition: "inline")
    private static let logo = file("logo.png", "image/png", disposition: "inline", contentID: "<a@x>")
    private static let photo = file("photo.jpg", "image/jpeg", disposition: "inline")
    private static let page = file("file-2", "text/html")

    private func names(_ files: String) async throws -> [String] {
        let answer = """
            {"Ticket":[{"TicketID":3,"TicketNumber":"1","State":"open","StateType":"open","Article":[
            {"ArticleID":5,"IsVisibleForCustomer":1,"SenderType":"agent","Body":"B","Attachment":\(files)}]}]}
            """
        let desk = ReplayedDesk([.login, .once("/Ticket/3?", Fixture.json(answer))])
        let articles = try await desk.connector().articles(ofTicket: 3)
        #expect(
            desk.requests.last
                == "GET /Ticket/3?AllArticles=1&Attachments=1&GetAttachmentContents=0&HTMLBodyAsAttachment=1")
        #expect(articles.map(\.text) == ["B"])
        return articles.first?.attachments ?? ["?"]
    }

    @Test(
        "The text in HTML and the images in it are none; what is not to be read costs itself",
        arguments: [
            ("[]", []), ("[\(body)]", []), ("[\(body),\(logo)]", []), ("[\(body),\(logo),\(photo)]", ["photo.jpg"]),
            // Without a text in HTML an image with an id stands nowhere.
            ("[\(logo)]", ["logo.png"]), ("[\(page)]", ["file-2"]),
            ("[\(body),\(file("a.pdf", "application/pdf", contentID: "<b@x>"))]", ["a.pdf"]),
            ("[\(body),\(file("b.pdf", "application/pdf", disposition: "inline", contentID: "<b@x>"))]", ["b.pdf"]),
            ("[7,null,{\"Filename\":{}},\(photo)]", ["", "photo.jpg"]), ("null", []), ("7", []), ("{}", []),
        ] as [(String, [String])])
    func which(files: String, names: [String]) async throws {
        #expect(try await self.names(files) == names)
    }
}

extension LoopbackTests {
    private static let mail = """
        From: Erika <erika@kunde.example>
        Subject: Files
        Content-Type: multipart/mixed; boundary="m"

        --m
        Content-Type: multipart/related; boundary="r"

        --r
        Content-Type: multipart/alternative; boundary="a"

        --a
        Content-Type: text/plain; charset=utf-8

        See the picture.
        --a
        Content-Type: text/html; charset=utf-8

        <p>See <img src="cid:pic@kunde.example"></p>
        --a--
        --r
        Content-Type: image/png; name="logo.png"
        Content-ID: <pic@kunde.example>
        Content-Disposition: inline; filename="logo.png"
        Content-Transfer-Encoding: base64

        iVBORw0K
        --r--
        --m
        Content-Type: application/pdf
        Content-Disposition: attachment; filename="invoice.pdf"
        Content-Transfer-Encoding: base64

        JVBERi0xLjQK
        --m
        Content-Type: image/jpeg
        Content-Disposition: inline; filename="photo.jpg"

        x
        --m--
        """

    @Test("The files of a mail are named, and neither its text in HTML nor the images in that")
    func attachments() async throws {
        try await withDesk { desk, connector in
            let ticket = await desk.receive(mail: Array(Self.mail.utf8))
            let articles = try await connector.articles(ofTicket: ticket.ticketID)
            #expect(articles.map(\.text) == ["See the picture."])
            #expect(articles.map(\.attachments) == [["invoice.pdf", "photo.jpg"]])
            try await desk.addArticle(NewDemoArticle(from: "agent", subject: "Re", body: "none"), to: ticket.number)
            #expect(try await connector.articles(ofTicket: ticket.ticketID).last?.attachments == [])
        }
    }
}
