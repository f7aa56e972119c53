import ArgumentParser
import CurlClient
import Foundation
import LinkService
import LinkStore
import Migrator
import OneTimeLinks
import PostgresClient
import TicketSystem

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the surroundings, and say what to do about each failure.",
        discussion: """
            Looks at the environment, the database, the desk and the mail server, and changes nothing. Ends with 0 when nothing failed, \
            else with 1.

              otalink doctor
              otalink doctor --json
            """)

    @OptionGroup var migrations: MigrateCommand.Options
    @OptionGroup var output: ResultOptions

    func run() async throws {
        let environment = ServiceEnvironment()
        var findings: [Finding] = []
        findings.append(await Finding.of("base URL") { try environment.baseURL().url("") })
        findings.append(await Finding.of("secret keys") { "\(try environment.keyRing().keyIDs.count) in the ring" })
        findings += await database(environment)
        findings += await desk(environment)
        findings.append(await Finding.of("mail server") { try await mailServer(environment) })
        let width = findings.map(\.subject.count).max() ?? 0
        let lines = findings.map { finding in
            let verdict = finding.verdict.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
            let subject = finding.subject.padding(toLength: width, withPad: " ", startingAt: 0)
            return "\(finding.verdict.emphasis?(verdict) ?? verdict)  \(subject)  \(finding.text)"
        }
        try output.print(findings, lines: lines)
        if findings.contains(where: { $0.verdict == .failed }) { throw ExitCode.failure }
    }

    private func database(_ environment: ServiceEnvironment) async -> [Finding] {
        var findings: [Finding] = []
        do {
            try await Surroundings.with { surroundings in
                findings += await server(surroundings)
                // What cannot be reached, or is not there yet, is said once.
                let besides = [Self.besides.clocks, Self.besides.commits]
                guard !findings.contains(where: { $0.verdict == .failed && !besides.contains($0.subject) }) else {
                    return
                }
                findings.append(
                    await Finding.of("direct connection") { try await DirectConnection.check(surroundings) })
                findings += await settings(surroundings)
                findings += await customers(surroundings)
                findings += await incomingMail(surroundings)
                findings.append(await webServiceDebugger(surroundings))
                findings += await deskEvents(surroundings)
                findings += await outgoingMail(surroundings)
                findings.append(await auditTrail(surroundings))
                findings += await landing(surroundings)
                findings.append(await hosts(surroundings))
                findings += await openID(surroundings)
                findings.append(
                    await Finding.of("notifications") {
                        try await NotificationCommand.verdict(surroundings.store)
                    })
                if let ring = try? environment.keyRing() {
                    findings.append(
                        await Finding.of("keys in use") {
                            // Links of the add-on are signed by no key.
                            let missing = try await surroundings.store.links.countByKey().filter {
                                !ring.keyIDs.contains($0.key) && $0.key != AddOnToken.keyID
                            }
                            guard missing.isEmpty else {
                                throw Advice(
                                    text:
                                        "\(missing.values.reduce(0, +).counted("link is", "links are")) signed by keys that are not in the ring. "
                                        + "See: otalink keys list")
                            }
                            return "every link's key is in the ring"
                        })
                }
            }
        } catch {
            findings.append(Finding(verdict: .failed, subject: "database", text: "\(error)"))
        }
        return findings
    }

    private func desk(_ environment: ServiceEnvironment) async -> [Finding] {
        do {
            let configuration = try environment.desk()
            let logger = try Surroundings.logger(environment)
            let curl = CurlClient(
                CurlConfiguration(certificateAuthorityFile: environment.certificateAuthorityFile), logger: logger)
            let found = await OTOBOConnector(configuration: configuration, client: curl, logger: logger).check()
            await curl.close()
            return found.map { Finding($0, subject: "desk: \($0.subject.rawValue)") }
        } catch {
            return [Finding(verdict: .failed, subject: "desk", text: "\(error)")]
        }
    }

    private func mailServer(_ environment: ServiceEnvironment) async throws -> String {
        let server = try environment.mailServer()
        let sender = try environment.mailSender()
        let curl = CurlClient(
            CurlConfiguration(certificateAuthorityFile: environment.certificateAuthorityFile),
            logger: try Surroundings.logger(environment))
        do {
            try await curl.probe(server)
        } catch let error as MailSubmissionError {
            await curl.close()
            throw Advice(text: "\(server): \(error.explanation)")
        } catch {
            await curl.close()
            throw error
        }
        await curl.close()
        return "\(server) takes mails from \(sender.address)\(server.user == nil ? "" : ", login accepted")"
    }
}

/// One line of the doctor's table.
struct Finding: Sendable, Encodable {
    enum Verdict: String, Encodable {
        case good, doubtful, failed, untried

        var emphasis: Emphasis? {
            switch self {
            case .good: .good
            case .doubtful: .doubtful
            case .failed: .bad
            case .untried: nil
            }
        }
    }

    let verdict: Verdict
    let subject: String
    let text: String

    init(verdict: Verdict, subject: String, text: String) {
        self.verdict = verdict
        self.subject = subject
        self.text = text
    }

    /// What the connector found at the desk.
    init(_ finding: TicketSystemFinding, subject: String) {
        let verdict: Verdict =
            switch finding.verdict {
            case .good: .good
            case .doubtful: .doubtful
            case .bad: .failed
            case .untried: .untried
            }
        self.init(verdict: verdict, subject: subject, text: finding.text)
    }

    /// Good with what the check answers, failed with what it throws.
    static func of(_ subject: String, _ check: () async throws -> String) async -> Finding {
        do {
            return Finding(verdict: .good, subject: subject, text: try await check())
        } catch {
            return Finding(verdict: .failed, subject: subject, text: "\(error)")
        }
    }
}

/// What is wrong and what to do, in words.
struct Advice: Error, CustomStringConvertible {
    let text: String

    var description: String { text }
}
