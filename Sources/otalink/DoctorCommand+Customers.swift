import IncomingMail
import LinkStore
import MailMessage
import OneTimeLinks

extension DoctorCommand {
    /// Whether mails from unknown senders create customer users, and what is in the way.
    func customers(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "customer users"
        do {
            let settings = try await surroundings.store.settings.read()
            // Links for customers whom the desk knows need it too.
            let table = await surroundings.readingCustomerTable(settings)
            guard let create = settings.createCustomerUser else {
                let off = Finding(verdict: .untried, subject: subject, text: "off: unknown senders create nobody")
                return [off] + (table.map { [$0] } ?? [])
            }
            let copied = try await surroundings.store.customerCopies.backends()
            var findings: [Finding] = []
            if settings.customerBackends.isEmpty {
                findings.append(Finding(verdict: .failed, subject: subject, text: BackendAdvice.undeclared))
            }
            for name in settings.customerBackends {
                // Its own row says it.
                if name == settings.customerDatabase?.backend, table?.verdict != .good { continue }
                let state = BackendAdvice.state(of: name, settings: settings, copied: copied, table: table)
                findings.append(Finding(verdict: state.verdict, subject: "customer backend \(name)", text: state.text))
            }
            if let table {
                findings.append(table)
                // What cannot be reached is said once.
                if create.backend == settings.customerDatabase?.backend,
                    let written = try? surroundings.deskCustomerTable(settings)
                {
                    findings.append(await creating(in: written))
                }
            }
            if InboundPolicy(settings: settings).authentication != nil, PublicSuffixList.installed == nil {
                findings.append(
                    Finding(
                        verdict: .doubtful, subject: "authentication of senders",
                        text:
                            "libpsl5 is not installed here, so only equal domains count as one organisation. If mails are filtered on "
                            + "this host, install libpsl5 and publicsuffix."))
            }
            if !create.backend.isEmpty, create.backend != settings.customerDatabase?.backend {
                findings.append(
                    Finding(
                        verdict: .failed, subject: subject,
                        text:
                            "They are to be created in the backend \(create.backend), which we cannot write to. Describe it with "
                            + "the setting CustomerDatabase, or leave CustomerUserBackend empty for our own table."))
            }
            return findings
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }
}
