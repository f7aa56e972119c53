import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "The outgoing filter of the previous release and of this one, at replicas of both",
    .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10)))
struct TwoReleasesMailTests {
    /// A mail with an attachment of about so many bytes.
    private func mail(_ ticket: String, _ length: Int) -> Data {
        let line = String(repeating: "QUJD", count: 19) + "\n"
        return Data(
            ("To: anna@example.org\nSubject: [Ticket#\(ticket)] Printer\nMessage-ID: <1@desk.example.org>\n"
                + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n<OTOBO_OTACustomerTicketLink>\n--b\n"
                + "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
                + String(repeating: line, count: length / line.utf8.count) + "--b--\n").utf8)
    }

    @Test("Each filter gets the same mail from each replica, with one link; the new one a large mail too")
    func mixed() async throws {
        try await withDeployment(environment: ["OTALINK_SPOOL_DIRECTORY": "/tmp"], settings: ["MailFirstLink": "0"]) {
            (deployment) async throws in
            try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
                (old) async throws in
                let ticket = try await deployment.annasTicket()
                let key = try await deployment.otalink("api-key", "create", "desk-mail", "--scope", "mail:outbound")
                    .output.trimmingCharacters(in: .whitespacesAndNewlines)
                try await withTemporaryFolder { folder in
                    try await ScriptFile.write("#!/bin/sh\ncat >\(folder)/mail\n", to: folder + "/sendmail")
                    func send(_ program: String, _ url: String, _ mail: Data) async throws -> (Int32, Data) {
                        let sent = try await ChildProcess(
                            program, ["mail", "outbound", "-i", "anna@example.org"],
                            environment: [
                                "OTALINK_SERVICE_URL": url, "OTALINK_SENDMAIL": folder + "/sendmail",
                                "OTALINK_API_KEY": key,
                            ], input: mail
                        ).finished()
                        let place = URL(fileURLWithPath: folder + "/mail")
                        let delivered = (try? Data(contentsOf: place)) ?? Data()
                        try? FileManager.default.removeItem(at: place)
                        return (sent.status, delivered)
                    }
                    let (before, now) = (old[0].url, deployment.replicas[0].url)
                    var delivered: Set<Data> = []
                    for program in [PreviousRelease.program, Deployment.program] {
                        for url in [before, now] {
                            let (status, mail) = try await send(program, url, mail(ticket, 1 << 20))
                            #expect(status == 0, "\(program) \(url)")
                            delivered.insert(mail)
                        }
                    }
                    #expect(delivered.count == 1)
                    let text = String(decoding: try #require(delivered.first), as: UTF8.self)
                    #expect(text.contains("/l/") && !text.contains("OTOBO_"))
                    // From a replica of before, in base64; the filter of before takes no answer of that length.
                    for url in [before, now] {
                        let (status, mail) = try await send(Deployment.program, url, mail(ticket, 20 << 20))
                        #expect(status == 0 && mail.count > 20 << 20 && mail.range(of: Data("/l/".utf8)) != nil)
                    }
                    #expect(try await send(PreviousRelease.program, before, mail(ticket, 20 << 20)).0 == 75)
                }
            }
        }
    }
}
