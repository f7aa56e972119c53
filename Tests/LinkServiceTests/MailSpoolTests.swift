import CurlClient
import Foundation
import LinkService
import MailCommands
import MailMessage
import OutgoingMail
import ReplicaSupport
import TestSupport
import Testing

@Suite("Mails over HTTP lie in a spool", .timeLimit(.minutes(10)))
struct MailSpoolTests {
    /// A tagged mail with an attachment of about so many bytes.
    static func mail(_ length: Int, id: String = "1") -> [UInt8] {
        let line = String(repeating: "QUJD", count: 19) + "\r\n"
        return Array(
            ("To: anna@example.org\r\nSubject: [Ticket#2026112510000018]\r\nMessage-ID: <\(id)@desk.example.org>\r\n"
                + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n<OTOBO_OTACustomerTicketLink>\r\n--b\r\n"
                + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + String(repeating: line, count: length / line.utf8.count) + "--b--\r\n").utf8)
    }

    private func withSpool(
        _ directory: String?, _ body: @escaping @Sendable (Replica, APICaller) async throws -> Void
    ) async throws {
        try await withReplicas { replicas, desk, _ in
            var dependencies = try dependencies(replicas[0], desk)
            dependencies.spoolDirectory = directory
            try await serving(dependencies) { service in
                try await body(replicas[0], try await replicas[0].caller(service))
            }
        }
    }

    private func send(
        _ caller: APICaller, _ path: String, _ mail: [UInt8], accept: String? = nil, limit: Int = 256 << 20
    ) async throws -> HTTPResponse {
        try await caller.service.client.send(
            HTTPRequest(
                method: .post, url: caller.service.url + "/api/v1" + path,
                headers: [("Authorization", "Bearer \(caller.key ?? "")")] + (accept.map { [("Accept", $0)] } ?? []),
                body: mail, timeout: .seconds(120), maximumBodySize: limit))
    }

    @Test("A large mail is answered in edits, which are short; without Accept the same mail comes whole")
    func both() async throws {
        try await withSpool("/tmp") { replica, caller in
            let mail = Self.mail(20 << 20)
            let path = "/mail/outbound?recipient=anna%40example.org"
            let short = try await send(caller, path, mail, accept: OutboundEdits.mediaType, limit: 4_096)
            #expect(short.status == 200)
            #expect(short.header("Content-Type") == "application/vnd.otalink.edits+json;version=1")
            let source = SpooledMessage(mail)
            let answer = try OutboundAnswer(
                decoding: Data(short.body), mediaType: short.header("Content-Type"), to: source)
            let edited = try #require(answer.mails.first)
            let linked = try edited.message.bytes()
            #expect(answer.isInEdits && answer.outcome == "linked" && answer.warnings.isEmpty)
            let link = try #require(edited.link.flatMap { UUID(uuidString: $0) })
            let url = "http://127.0.0.1:8080/l/" + (try #require(replica.keys.sign(link, as: .link)))
            #expect(
                linked
                    == Array(
                        String(decoding: mail, as: UTF8.self).replacing("<OTOBO_OTACustomerTicketLink>", with: url).utf8
                    ))
            let long = try await send(caller, path, mail)
            #expect(long.status == 200 && long.header("Content-Type") == "application/json")
            let whole = try OutboundAnswer(
                decoding: Data(long.body), mediaType: long.header("Content-Type"), to: source)
            #expect(!whole.isInEdits && whole.mails.count == 1 && whole.mails[0].link == edited.link)
            #expect(whole.mails[0].recipients == ["anna@example.org"])
            #expect(try whole.mails[0].message.bytes() == linked)
        }
    }

    @Test("Without a directory mails over 8 MiB are refused, with one mails over 64 MiB, however they are sent")
    func limits() async throws {
        for (directory, limit) in [(nil, 8), ("/tmp", 64)] as [(String?, Int)] {
            try await withSpool(directory) { _, caller in
                for path in ["/mail/outbound", "/mail/inbound"] {
                    let taken = try await send(
                        caller, path, Self.mail((limit - 1) << 20), accept: OutboundEdits.mediaType)
                    #expect(taken.status == 200, "\(path)")
                    let refused = try await send(caller, path, Self.mail((limit + 1) << 20))
                    #expect(refused.status == 413 && refused.text.contains("larger than \(limit) MiB"), "\(path)")
                }
            }
        }
    }

    @Test("A mail that stands for a larger one gets the plain address and a warning, and no link is made")
    func tooLarge() async throws {
        try await withSpool("/tmp") { replica, caller in
            let mail = Self.mail(100)
            let path = "/mail/outbound?recipient=anna%40example.org&tooLarge=1"
            let response = try await send(caller, path, mail, accept: OutboundEdits.mediaType)
            let answer = try OutboundAnswer(
                decoding: Data(response.body), mediaType: response.header("Content-Type"), to: SpooledMessage(mail))
            #expect(answer.outcome == "plain-url" && answer.warnings == ["too-large"])
            let text = String(decoding: try #require(try answer.mails.first?.message.bytes()), as: UTF8.self)
            #expect(text.contains("http://127.0.0.1:8090/ticket/2026112510000018") && !text.contains("/l/"))
            #expect(answer.mails.first?.link == nil)
        }
    }

    @Test("An incoming mail comes back with its body as it was, however large")
    func inbound() async throws {
        try await withSpool("/tmp") { _, caller in
            let mail = Array("From: Anna <anna@example.org>\r\nX-OTOBO-Queue: x\r\n".utf8) + Self.mail(20 << 20)
            let answer = try await send(caller, "/mail/inbound", mail)
            #expect(answer.status == 200 && answer.header("X-Otalink-Removed-Fields") == "1")
            let length = try #require(HeaderBlock.length(in: mail))
            let found = try #require(HeaderBlock.length(in: answer.body))
            #expect(answer.body[found...] == mail[length...])
        }
    }
}
