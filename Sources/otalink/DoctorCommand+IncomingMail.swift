import CurlClient
import LinkStore
import OneTimeLinks
import TicketSystem

extension DoctorCommand {
    /// Whether mails from the desk itself are known as such, and tickets of new customer users are marked.
    func incomingMail(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "incoming mail"
        do {
            let settings = try await surroundings.store.settings.read()
            guard let create = settings.createCustomerUser else { return [] }
            let published = try await surroundings.store.ownAddresses.read()
            var findings = [IncomingMailAdvice.addresses(settings: settings, published: published, subject: subject)]
            let (passed, refused) = try await surroundings.store.mailVerdicts.authenticated(ofLast: 20)
            findings += IncomingMailAdvice.authentication(
                settings: settings, passed: passed, refused: refused, subject: "authentication of senders")
            if !create.checkBoxName.isEmpty {
                findings += await marking(surroundings, field: create.checkBoxName)
            }
            return findings
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }

    private func marking(_ surroundings: Surroundings, field: String) async -> [Finding] {
        let subject = "marks of tickets"
        var findings: [Finding] = []
        if let configuration = try? surroundings.environment.desk() {
            let curl = surroundings.curlClient()
            let desk = OTOBOConnector(configuration: configuration, client: curl, logger: surroundings.logger)
            findings += await desk.checkField(field).map { found in
                Finding(found, subject: found.subject == .field ? subject : "\(subject): \(found.subject.rawValue)")
            }
            await curl.close()
        }
        findings.append(
            await Finding.of(subject) {
                let (count, reason) = try await surroundings.store.audit.unmarkedTickets()
                guard count == 0 else {
                    throw Advice(text: IncomingMailAdvice.unmarked(count, reason: reason ?? "", field: field))
                }
                return "every ticket that was to be marked within the last day is"
            })
        return findings
    }
}

/// What an operator is told about incoming mail.
enum IncomingMailAdvice {
    static func addresses(settings: Settings, published: Set<String>, subject: String) -> Finding {
        let own = settings.deskAddresses.union(published)
        guard settings.text(SettingName.deskAddresses)?.isEmpty ?? true else {
            return Finding(
                verdict: .good, subject: subject, text: own.count.counted("address of our own", "addresses of our own"))
        }
        return Finding(
            verdict: .doubtful, subject: subject,
            text:
                "DeskAddresses is empty, so only \(known(own.count)) as the desk's. Name "
                + "all that customers write to: otalink setting set DeskAddresses 'support@example.org, sales@example.org'"
        )
    }

    /// - Parameters:
    ///   - passed: of the last mails by people, those whose sender was authenticated.
    ///   - refused: the others of them.
    static func authentication(settings: Settings, passed: Int, refused: Int, subject: String) -> [Finding] {
        let server = settings.text(SettingName.authenticationServer) ?? ""
        guard !server.isEmpty || settings.text(SettingName.unnamedAuthenticationResults) == "1" else { return [] }
        guard passed + refused > 0 else {
            return [Finding(verdict: .untried, subject: subject, text: "the filter saw no mail by a person yet")]
        }
        // One mail or a few may be forged.
        guard passed == 0, refused >= 10 else {
            return [
                Finding(
                    verdict: .good, subject: subject,
                    text: "\(passed) of the last \(passed + refused) mails were authenticated")
            ]
        }
        let advice =
            server.isEmpty
            ? "Does the server in front write Authentication-Results fields without a name of a server?"
            : "Is \(server) the name with which your mail server's Authentication-Results fields begin? If not: otalink setting set "
                + "\(SettingName.authenticationServer) NAME"
        return [
            Finding(
                verdict: .doubtful, subject: subject,
                text:
                    "of the last \(refused) mails none was authenticated, and their senders become no customer users. \(advice)"
            )
        ]
    }

    private static func known(_ count: Int) -> String {
        count == 1
            ? "the one address that our own mails come from is known"
            : "the \(count) addresses that our own mails come from are known"
    }

    static func unmarked(_ count: Int, reason: String, field: String) -> String {
        "\(count.counted("ticket")) of new customer users could not be marked within the last day, lately with \(reason). Give otalink's "
            + "agent the permission rw on the queues, and check the web service's TicketUpdate and the dynamic field \(field), or "
            + "take SetCheckBoxName out of the setting."
    }
}
