import HTTPTypes
import LinkStore
import Logging
import Synchronization

/// Tells those who look after the service of calls that were refused: of each operation one line of the log a minute, so that neither a
/// desk with a wrong key nor anybody who guesses fills a disk. Of events and mails of the desk the audit trail has it too, since
/// `otalink doctor` tells when the last one was refused.
final class RefusedCalls: Sendable {
    private struct Told {
        var at: ContinuousClock.Instant
        /// Refused since then, without a line.
        var untold = 0
    }

    static let period = Duration.seconds(60)

    private static let audited: [String: RefusedCall] = [
        APIOperation.reportEvent.id: .deskEvent, APIOperation.filterOutbound.id: .outgoingMail,
        APIOperation.filterInbound.id: .incomingMail,
    ]

    private let audit: AuditTrail
    private let now: @Sendable () -> ContinuousClock.Instant
    private let told = Mutex([String: Told]())

    init(audit: AuditTrail, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.audit = audit
        self.now = now
    }

    /// Counts a refused call, and tells of it if a minute has passed.
    func note(
        _ operation: APIOperation, _ status: HTTPResponse.Status, code: String?, facts: RequestContextFacts,
        logger: Logger
    ) async {
        guard let more = toTell(operation.id) else { return }
        let reason = code ?? Self.word(status)
        logger.warning(
            "A program's call was refused",
            metadata: [
                "operation": "\(operation.id)", "reason": "\(reason)", "client": "\(facts.clientAddress ?? "-")",
                "since-last-line": "\(more)",
            ])
        guard let call = Self.audited[operation.id] else { return }
        do {
            try await audit.record(AuditEvent(call.rawValue, reason: reason, context: facts))
        } catch {
            logger.warning("That was not written down", metadata: ["error": "\(error)"])
        }
    }

    /// How many were refused without a line before this one; nil: this one has none either.
    private func toTell(_ operation: String) -> Int? {
        let now = now()
        return told.withLock { told in
            if let last = told[operation], now < last.at + Self.period {
                told[operation]?.untold += 1
                return nil
            }
            let more = told[operation]?.untold ?? 0
            told[operation] = Told(at: now)
            return more
        }
    }

    private static func word(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .unauthorized: "no-valid-key"
        case .forbidden: "missing-scope"
        case .badRequest: "not-understood"
        case .contentTooLarge: "too-large"
        default: "\(status.code)"
        }
    }
}
