import Foundation
import PostgresClient

extension DoctorCommand {
    /// Whether the desk keeps what goes over its web services: its debugger stores whole requests at the level "debug", and with
    /// them the passwords of agents.
    func webServiceDebugger(_ surroundings: Surroundings) async -> Finding {
        let subject = "desk: debugger"
        let unseen = Finding(
            verdict: .untried, subject: subject,
            text:
                "cannot be seen from here; the debug threshold of the web service must not be \"debug\", since the desk then stores "
                + "the password of otalink's agent. See docs/desk.md")
        guard let database = surroundings.customerDatabase else { return unseen }
        do {
            let talkative = try await database.query(Self.webServices).compactMap { row in
                let (name, definition) = try row.decode(String.self, String.self)
                return Self.storesRequests(definition) ? name : nil
            }
            guard !talkative.isEmpty else {
                return Finding(verdict: .good, subject: subject, text: "no web service stores whole requests")
            }
            return Finding(
                verdict: .doubtful, subject: subject,
                text:
                    "The web service \(talkative.joined(separator: ", ")) has the debug threshold \"debug\": the desk stores whole "
                    + "requests, and with them agents' passwords. Set it to \"error\", clear the web service's debugger, and change "
                    + "the agents' passwords.")
        } catch {
            return unseen
        }
    }

    /// In the definition, which is YAML; the desk writes the word bare, operators also quote it.
    static func storesRequests(_ definition: String) -> Bool {
        definition.firstMatch(of: /(?m)^\s*DebugThreshold:\s*['"]?debug['"]?\s*$/) != nil
    }

    /// In the desk's own database, if our user there may read it.
    private static let webServices = Statement(
        "doctor.web_services", repeatable: true,
        "SELECT name, config FROM gi_webservice_config WHERE valid_id = 1 ORDER BY name")
}
