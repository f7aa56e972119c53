import Foundation
import TestSupport
import Testing

@Suite("A customer with a real browser", .timeLimit(.minutes(10)))
struct ChromiumTests {
    private static let isHere =
        ["/usr/bin/chromium", "/usr/bin/chromedriver", "/usr/lib/python3/dist-packages/selenium", "/usr/sbin/nginx"]
        .allSatisfy(FileManager.default.fileExists)

    @Test(
        "From the webmail page to the ticket at the desk; back, reload, second tab, private window, another account, no JavaScript",
        .enabled(if: isHere, "needs Debian's chromium, chromium-driver, python3-selenium and nginx"))
    func wholeWay() async throws {
        try await withProxy(.nginx, publicURL: "https://desk.example.org") { (proxied) async throws in
            var links: [Question.Way] = []
            for _ in 0..<7 {
                let ticket = await proxied.newTicket()
                links.append(.init(link: try await proxied.link(ticket: ticket), ticket: ticket))
            }
            // A browser under load takes longer than a double click may: here each second press comes too late for one.
            try await proxied.deployment.database.psql(Self.slowPresses)
            let screen = await proxied.newTicket("Screen dark", customer: "bert@example.org")
            let question = Question(
                port: proxied.port, links: links,
                linkOfBert: try await proxied.link(ticket: screen, customer: "bert@example.org"),
                screenshots: RepositoryRoot.path + "/.run/screenshots")
            let finished = try await ChildProcess(
                "/usr/bin/python3", [RepositoryRoot.path + "/Tests/EndToEndTests/Peers/browser.py"],
                input: try JSONEncoder().encode(question)
            ).finished()
            #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
        }
    }

    private static let slowPresses = """
        CREATE FUNCTION public.use_earlier() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.used_at := NEW.used_at - interval '11 seconds';
            RETURN NEW;
        END $$;
        CREATE TRIGGER use_earlier BEFORE UPDATE ON otalink.link
           FOR EACH ROW WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL) EXECUTE FUNCTION public.use_earlier()
        """

    /// What the story is told with.
    private struct Question: Encodable {
        let port: UInt16
        /// Anna's, each with the number of its ticket.
        let links: [Way]
        let linkOfBert: String
        let screenshots: String

        struct Way: Encodable {
            let link: String
            let ticket: String
        }
    }
}
