import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import SMTPSink
import TestSupport
import Testing

@testable import Queues

@Suite("One attempt to send a mail")
struct MailDeliveryTests {
    private static func failing(_ step: SMTPScript.Step, _ fault: SMTPScript.Fault) -> SMTPScript {
        SMTPScript(faults: [step: fault])
    }

    @Test("A mail that failed is tried again after half a minute, then a whole one, and given up after three days")
    func pauses() async throws {
        try await withMailServer(Self.failing(.recipient, .reply("450 4.2.1 Later"))) { mailServer in
            try await withReplicas { replicas, _, database in
                let worker = try mailServer.worker(replicas[0], pacing: QueuePacing.mails)
                try await replicas[0].queueMail()
                for seconds in [30, 60] {
                    #expect(await worker.deliver(try await replicas[0].claim()) == .postponed(isOutcomeUnknown: false))
                    let pause = try await replicas[0].store.outbox.secondsUntilDue().orThrow()
                    #expect(pause > Double(seconds) - 10 && pause <= Double(seconds) * 1.25)
                    _ = try await database.psql("UPDATE otalink.mail_outbox SET next_attempt_at = now()")
                }
                _ = try await database.psql("UPDATE otalink.mail_outbox SET created_at = now() - interval '73 hours'")
                #expect(await worker.deliver(try await replicas[0].claim()) == .dead)
                let error = try await database.psql("SELECT last_error FROM otalink.mail_outbox")
                #expect(error.contains("450") && !error.contains("anna"))
            }
        }
    }

    @Test("After an unknown outcome the very same mail is sent again")
    func unknownOutcome() async throws {
        try await withMailServer(SMTPScript(faults: [.endOfData: .cut], faultyConnections: 1)) { mailServer in
            try await withReplicas { replicas, _, database in
                let worker = try mailServer.worker(replicas[0])
                try await replicas[0].queueMail()
                #expect(await worker.deliver(try await replicas[0].claim()) == .postponed(isOutcomeUnknown: true))
                #expect(await worker.deliver(try await replicas[1].claim()) == .sent)
                let mails = await mailServer.sink.mails()
                #expect(mails.count == 2)
                #expect(mails.first?.data == mails.last?.data)
            }
        }
    }

    @Test("A refresh mail whose link was revoked is dropped without a word to the mail server")
    func dropped() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                let queued = try await replicas[0].queueMail()
                _ = try await replicas[1].store.links.revoke(
                    id: queued.linkID, reason: "test", actor: "test", context: .none)
                let worker = try mailServer.worker(replicas[0])
                #expect(await worker.deliver(try await replicas[0].claim()) == .dropped(.linkRevoked))
                #expect(await mailServer.sink.connectionCount() == 0)
                #expect(
                    try await database.psql("SELECT state, last_error FROM otalink.mail_outbox")
                        == "dropped|link-revoked")
            }
        }
    }

    @Test("A notification whose link was superseded goes out with a fresh one, and a repeated renewal adds nothing")
    func renewed() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                try await replicas[0].queueMail(.notification)
                _ = try await database.psql("UPDATE otalink.link SET state = 'superseded', ended_at = now()")
                let worker = try mailServer.worker(replicas[0])
                let mail = try await replicas[0].claim()
                #expect(await worker.deliver(mail) == .dropped(.renewed))
                #expect(await worker.deliver(mail) == .dropped(.renewed))
                #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "2")
                #expect(await worker.deliver(try await replicas[0].claim()) == .sent)
                let token = WrittenMail(try await mailServer.sink.nextMail().data).token
                guard case .signedIn = try await replicas[1].click(try token.orThrow()) else {
                    Issue.record("the fresh link must sign in")
                    return
                }
            }
        }
    }

    @Test("A mail whose address was changed meanwhile goes to nobody")
    func addressChanged() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                try await replicas[0].queueMail()
                _ = try await database.psql("UPDATE otalink.customer_user SET email = 'anna@example.net'")
                let worker = try mailServer.worker(replicas[0])
                #expect(await worker.deliver(try await replicas[0].claim()) == .dropped(.addressChanged))
                #expect(await mailServer.sink.mailCount() == 0)
            }
        }
    }
}
