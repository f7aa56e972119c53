import CurlClient
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite("Ten large mails at once", .timeLimit(.minutes(10)), .serialized)
struct LargeMailTests {
    private static let length = 55 << 20
    private static let line = Array(String(repeating: "QUJD", count: 19).utf8) + Array("\r\n".utf8)
    private static let tail = Array("--b--\r\n".utf8)

    private func head(_ ticket: String, _ number: Int) -> [UInt8] {
        Array(
            """
            To: anna@example.org\r
            Subject: [Ticket#\(ticket)] Printer on fire\r
            Message-ID: <\(number)@desk.example.org>\r
            Content-Type: multipart/mixed; boundary=b\r
            \r
            --b\r
            Content-Type: text/html\r
            \r
            <p>Look: &lt;OTOBO_OTACustomerTicketLink&gt;</p>\r
            --b\r
            Content-Type: application/pdf\r
            Content-Transfer-Encoding: base64\r
            \r

            """.utf8)
    }

    /// A mail that is made while it is sent.
    private func upload(_ head: [UInt8]) -> HTTPUpload {
        let lines = (Self.length - head.count) / Self.line.count
        let (middle, total) = (
            head.count + lines * Self.line.count, head.count + lines * Self.line.count + Self.tail.count
        )
        return HTTPUpload(length: total) { buffer, offset in
            var count = 0
            while count < buffer.count, offset + count < total {
                let place = offset + count
                let rest: ArraySlice<UInt8> =
                    if place < head.count {
                        head[place...]
                    } else if place < middle {
                        Self.line[((place - head.count) % Self.line.count)...]
                    } else {
                        Self.tail[(place - middle)...]
                    }
                let piece = rest.prefix(buffer.count - count)
                piece.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: $0) }
                count += piece.count
            }
            return count
        }
    }

    @Test("A replica stays under 150 MiB, and answers others meanwhile")
    func memory() async throws {
        try await withDeployment(
            environment: ["OTALINK_SPOOL_DIRECTORY": "/tmp"], settings: ["MailFirstLink": "0"]
        ) { deployment in
            let raw =
                "From: Anna Example <anna@example.org>\nTo: support@example.org\nSubject: Printer on fire\n\nIt burns.\n"
            let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
            let ticket = "\(await deployment.desk.receive(mail: Array(filtered.utf8)).number)"
            let key = try await deployment.otalink("api-key", "create", "desk-mail", "--scope", "mail:outbound").output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let url = deployment.replicas[0].url
            func send(_ number: Int) async throws -> HTTPResponse {
                var request = HTTPRequest(
                    method: .post, url: url + "/api/v1/mail/outbound?recipient=anna%40example.org",
                    headers: [("Authorization", "Bearer \(key)"), ("Accept", "application/vnd.otalink.edits+json")],
                    timeout: .seconds(240), maximumBodySize: 64 << 10)
                request.upload = upload(head(ticket, number))
                return try await deployment.client.send(request)
            }
            try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                for number in 0..<10 { group.addTask { try await send(number) } }
                var slowest = Duration.zero
                for _ in 0..<10 {
                    let start = ContinuousClock.now
                    #expect(try await deployment.client.send(HTTPRequest(url: url + "/health/live")).status == 200)
                    slowest = max(slowest, .now - start)
                    let answer = try #require(try await group.next())
                    #expect(answer.status == 200 && answer.text.contains(#""outcome":"linked""#), "\(answer.text)")
                }
                print("the slowest answer beside ten large mails took \(slowest)")
            }
            let status = try String(
                contentsOfFile: "/proc/\(deployment.replicas[0].process.processID)/status", encoding: .utf8)
            let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
            print("a replica with ten mails of 55 MiB at once had \(peak / 1024) MiB at most")
            #expect(peak < 150 << 10)
        }
    }

    @Test(
        "A tagged mail of 70 MiB goes out with the plain address of its ticket, and so does one that the service finds too large"
    )
    func tooLarge() async throws {
        for directory in ["/tmp", ""] {
            try await withDeployment(
                environment: ["OTALINK_SPOOL_DIRECTORY": directory], settings: ["MailFirstLink": "0"]
            ) { deployment in
                let raw = "From: Anna Example <anna@example.org>\nTo: support@example.org\nSubject: x\n\nIt burns.\n"
                let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
                let ticket = "\(await deployment.desk.receive(mail: Array(filtered.utf8)).number)"
                let key = try await deployment.otalink("api-key", "create", "desk-mail", "--scope", "mail:outbound")
                    .output
                let lines = (directory.isEmpty ? 9 << 20 : 70 << 20) / Self.line.count
                var mail = Data(head(ticket, 1))
                for _ in 0..<lines { mail.append(contentsOf: Self.line) }
                mail.append(contentsOf: Self.tail)
                let place = "/tmp/otalink-large-\(UUID().uuidString.prefix(8))"
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(atPath: place) }
                try await ScriptFile.write("#!/bin/sh\ncat >\(place)/mail\n", to: place + "/sendmail")
                let sent = try await ChildProcess(
                    Deployment.program, ["mail", "outbound", "-i", "anna@example.org"],
                    environment: [
                        "OTALINK_SERVICE_URL": deployment.replicas[0].url, "OTALINK_SENDMAIL": place + "/sendmail",
                        "OTALINK_API_KEY": key.trimmingCharacters(in: .whitespacesAndNewlines),
                        "OTALINK_LOG_LEVEL": "warning",
                    ], input: mail
                ).finished()
                #expect(sent.status == 0 && sent.errors.contains("too-large"), "\(sent.errors)")
                let delivered = try Data(contentsOf: URL(fileURLWithPath: place + "/mail"))
                let tag = Data("&lt;OTOBO_OTACustomerTicketLink&gt;".utf8)
                let anchor = "<a href=\"http://127.0.0.1/ticket/\(ticket)\">http://127.0.0.1/ticket/\(ticket)</a>"
                let start = try #require(mail.firstRange(of: tag))
                mail.replaceSubrange(start, with: Data(anchor.utf8))
                #expect(delivered == mail)
            }
        }
    }
}
