import CurlClient
import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

extension OutboxWorker {
    /// One attempt to send a claimed mail, from the decision to the record of its outcome.
    package func deliver(_ mail: ClaimedMail) async -> MailOutcome {
        let settings = settings()
        do {
            switch OutboxRules(settings: settings.link).decide(try await facts(of: mail, settings: settings)) {
            case .drop(let reason): return try await drop(mail, reason)
            case .renew(let ticket, let customer):
                try await renew(mail, ticket: ticket, customer: customer, settings: settings)
                return try await drop(mail, .renewed)
            case .send(let contents):
                let text = try await text(of: mail, contents, settings: settings)
                return await send(mail, contents, settings: settings, text: text)
            }
        } catch let error as TicketSystemError {
            return await fail(
                mail, error: "\(error)", isPermanent: false, isOutcomeUnknown: false, until: .now + lease)
        } catch is CancellationError {
            return .unrecorded
        } catch {
            // While it is claimed, no other mail to this customer user goes out: it must not stay so.
            return await fail(
                mail, error: "it could not be decided on: \(error)", isPermanent: false, isOutcomeUnknown: false,
                until: .now + lease)
        }
    }

    private func facts(of mail: ClaimedMail, settings: Settings) async throws -> OutboxFacts {
        var tickets = [mail.ticket].compactMap(\.self)
        if tickets.last?.ticket?.mergedInto != nil {
            tickets = try await store.tickets.chain(from: mail.link.ticketNumber)
        }
        return OutboxFacts(
            now: try await store.tickets.now(), kind: mail.kind, recipient: mail.recipient, link: mail.link,
            customer: mail.customer, tickets: tickets,
            firstLink: try await firstLink(of: mail, ticket: tickets.last?.ticket, settings: settings))
    }

    private func drop(_ mail: ClaimedMail, _ reason: DropReason) async throws -> MailOutcome {
        try await store.outbox.drop(mail, reason: reason.word)
        return .dropped(reason)
    }

    private func send(
        _ mail: ClaimedMail, _ contents: MailContents, settings: Settings, text: NotificationText?
    ) async -> MailOutcome {
        let until = ContinuousClock.now + lease
        do {
            let message = try MailWriter(site: site, keys: keys).write(mail, contents, settings: settings, text: text)
            let submission = MailSubmission(
                envelopeFrom: site.envelopeFrom, recipients: [mail.recipient], message: message)
            let acceptance = try await curl.submit(submission, to: server)
            return await record(mail, .sent, until: until) {
                try await store.outbox.markSent(mail, reply: acceptance.reply)
            }
        } catch let error as MailSubmissionError {
            return await fail(
                mail, error: error.description, isPermanent: error.isPermanent,
                isOutcomeUnknown: error.isOutcomeUnknown, until: until)
        } catch let error as MailWritingError {
            return await fail(
                mail, error: error.description, isPermanent: error.isPermanent, isOutcomeUnknown: false, until: until)
        } catch {
            // Cancelled: whoever claims the mail after the lease repeats it.
            return .unrecorded
        }
    }

    private func fail(
        _ mail: ClaimedMail, error: String, isPermanent: Bool, isOutcomeUnknown: Bool,
        until: ContinuousClock.Instant
    ) async -> MailOutcome {
        logger.warning(
            "A mail was not sent",
            metadata: ["mail": "\(mail.id.text)", "link": "\(mail.link.id.text)", "error": "\(error)"])
        let isTooOld: Bool
        do {
            isTooOld = try await store.tickets.now().timeIntervalSince(mail.createdAt) > pacing.longestAge
        } catch {
            return .unrecorded
        }
        if isPermanent || isTooOld {
            return await record(mail, .dead, until: until) { try await store.outbox.markDead(mail, error: error) }
        }
        let pause = pacing.row.pause(afterAttempt: mail.attempt)
        return await record(mail, .postponed(isOutcomeUnknown: isOutcomeUnknown), until: until) {
            try await store.outbox.postpone(mail, for: pause, error: error)
        }
    }

    /// Writes an outcome, again and again while the claim holds: what is not recorded is sent twice.
    private func record(
        _ mail: ClaimedMail, _ outcome: MailOutcome, until: ContinuousClock.Instant, _ write: () async throws -> Void
    ) async -> MailOutcome {
        var failures = 0
        while true {
            do {
                try await write()
                return outcome
            } catch {
                failures += 1
                let pause = pacing.database.pause(afterAttempt: failures)
                logger.error(
                    "The outcome of a mail could not be recorded",
                    metadata: ["mail": "\(mail.id.text)", "outcome": "\(outcome.word)", "error": "\(error)"])
                guard !Task.isCancelled, ContinuousClock.now + pause < until,
                    (try? await Task.sleep(for: pause)) != nil
                else { return .unrecorded }
            }
        }
    }
}
