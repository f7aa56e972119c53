import Foundation
import TestSupport
import Testing

@Suite("Results as JSON", .timeLimit(.minutes(10)))
struct CommandJSONTests {
    private static let notification = """
        ---
        - ID: 42
          Name: Geschlossen
          ValidID: 1
          Data:
            Events: [TicketStateUpdate]
            Recipients: [Customer]
          Message:
            de: {Subject: Zu, ContentType: text/plain, Body: 'Hallo <OTOBO_OTACustomerTicketLink>'}
        """

    /// A call, what it reads, and a key of what it prints.
    private typealias Call = (words: String, input: String, key: String)

    private static let calls: [Call] = [
        ("health --url REPLICA", "", "good"), ("doctor", "", "verdict"), ("migrate up", "", "applied"),
        ("migrate status", "", "state"), ("migrate verify", "", "isUnchanged"), ("keys generate", "", "key"),
        ("keys list", "", "signs"), ("keys retire 00000000", "", "deleted"),
        ("link issue --ticket TICKET --customer anna@example.org", "", "url"), ("link list", "", "ticketNumber"),
        ("link revoke 00000000-0000-0000-0000-000000000000", "", "revoked"), ("mail list", "", "nextAttemptAt"),
        ("mail retry --all-dead", "", "due"), ("mail drop MAIL", "", "dropped"), ("expire --dry-run", "", "detail"),
        ("session list", "", "lastSeenAt"), ("session revoke --customer nobody", "", "revoked"),
        ("customer list anna", "", "hasPassword"),
        ("customer import LDAP -", "login,email\nb,b@example.org\n", "added"),
        ("customer sync LDAP --command cat --allow-shrink", "login,email\nb,b@example.org\n", "changed"),
        ("customer backends", "", "verdict"),
        ("setting list", "", "summary"), ("setting get LinkLifetime", "", "value"),
        ("setting set LinkLifetime 7", "", "name"), ("setting reset LinkLifetime", "", "wasSet"),
        ("notification import -", notification, "messages"), ("notification list", "", "isValid"),
        ("notification show 42", "", "messages"),
        ("notification add --name New --language en --subject Hello --body-file -", "Text", "id"),
        ("notification preview 42 --ticket TICKET", "", "html"), ("notification remove 42", "", "removed"),
        ("api-key create crm --scope links:issue", "", "key"), ("api-key list", "", "scopes"),
        ("api-key revoke crm", "", "revoked"), ("audit trim --dry-run", "", "detail"),
        ("oidc client add wiki --redirect-uri https://wiki.example.org/callback", "", "secret"),
        ("oidc client list", "", "redirectURIs"), ("oidc key list", "", "standing"),
        ("oidc key rotate", "", "published"), ("oidc client remove wiki", "", "removed"),
        ("desk events", "", "ticketID"), ("desk retry --all-dead", "", "due"),
        ("import add-on - --dry-run", "token,ticket_number,user,used,create_time\n", "read"),
    ]

    @Test("Every command with a result prints it as one JSON value")
    func results() async throws {
        let documented = try await CommandTree.read().all().filter { $0.isLeaf && $0.command.hasJSON }.map(\.name)
        let tried = Self.calls.map(\.words)
        for name in documented {
            #expect(tried.contains { "otalink \($0) ".hasPrefix("\(name) ") }, "\(name) is not tried here")
        }
        try await withDeployment { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let browser = deployment.browser()
            #expect(
                try await browser.press(try await browser.get(try await deployment.link(ticket: ticket))).status == 303)
            let mail = UUID().uuidString
            try await deployment.database.psql(
                """
                INSERT INTO otalink.mail_outbox
                       (id, kind, link_id, ticket_number, customer_login, recipient, language, next_attempt_at)
                SELECT '\(mail)', 'refresh', id, ticket_number, customer_login, recipient, 'en', now() + interval '1 day'
                  FROM otalink.link LIMIT 1;
                INSERT INTO otalink.desk_event (id, ticket_id, event, state, finished_at)
                VALUES (gen_random_uuid(), 4711, 'TicketCreate', 'dead', now());
                """)
            for call in Self.calls {
                let words = call.words.split(separator: " ").map { word in
                    switch word {
                    case "REPLICA": deployment.replicas[0].url
                    case "TICKET": ticket
                    case "MAIL": mail
                    default: String(word)
                    }
                }
                let finished = try await ChildProcess(
                    Deployment.program, words + ["--json"], environment: deployment.environment,
                    input: Data(call.input.utf8)
                ).finished()
                #expect(finished.status == 0 || words == ["doctor"], "\(call.words): \(finished.errors)")
                let value = try? JSONSerialization.jsonObject(with: Data(finished.output.utf8))
                let object = (value as? [Any])?.first ?? value
                #expect(
                    (object as? [String: Any])?[call.key] != nil, "\(call.words): \(finished.output)\(finished.errors)")
            }
        }
    }
}
