import ArgumentParser
import CurlClient
import Foundation

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a replica whether it is ready for requests.",
        discussion: """
            For health checks of containers and for people: one line, and 0 if the replica is ready, else 1. It asks the replica \
            that listens at OTALINK_LISTEN on this machine; nothing else of the configuration is needed.

              otalink health
              otalink health --url http://10.0.0.11:8080
              otalink health --live      # whether it runs at all, whatever its database does
            """)

    @Option(help: ArgumentHelp("Scheme, host and port of another replica.", valueName: "url"))
    var url: String?
    @Flag(help: "Ask only whether it runs.") var live = false
    @OptionGroup var output: ResultOptions

    func run() async throws {
        let environment = ServiceEnvironment()
        let base = try url ?? environment.ownURL()
        let finding = try await ask(base + (live ? "/health/live" : "/health/ready"), environment)
        let verdict = finding.isGood ? Emphasis.good("good") : Emphasis.bad("failed")
        try output.print(finding, lines: ["\(verdict)  \(finding.url)  \(finding.meaning)"])
        if !finding.isGood { throw ExitCode.failure }
    }

    private func ask(_ url: String, _ environment: ServiceEnvironment) async throws -> HealthFinding {
        let curl = CurlClient(
            CurlConfiguration(certificateAuthorityFile: environment.certificateAuthorityFile),
            logger: try Surroundings.logger(environment))
        let finding: HealthFinding
        do {
            let answer = try await curl.send(HTTPRequest(url: url, timeout: .seconds(5), maximumBodySize: 64 << 10))
            finding = HealthFinding(url: url, status: answer.status, meaning: meaning(of: answer.status))
        } catch let error as CurlError {
            let meaning: String =
                switch error.kind {
                case .couldNotConnect:
                    "nobody listens there: the replica does not run, or it listens elsewhere (OTALINK_LISTEN)"
                case .timedOut: "no answer within 5 s: the replica hangs, or the machine is overloaded"
                default: "\(error)"
                }
            finding = HealthFinding(url: url, status: nil, meaning: meaning)
        }
        await curl.close()
        return finding
    }

    private func meaning(of status: Int) -> String {
        switch status {
        case 200: live ? "it runs" : "ready for requests"
        case 503: "not ready: it cannot reach its database, or it is about to end; its log says which"
        default: "answered \(status): that is no replica of otalink"
        }
    }
}

/// What a replica answered, or why it did not.
private struct HealthFinding: Encodable {
    let url: String
    /// Nil: no answer came.
    let status: Int?
    let meaning: String

    var isGood: Bool { status == 200 }

    private enum Key: CodingKey {
        case good, meaning, status, url
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(isGood, forKey: .good)
        try object.encode(meaning, forKey: .meaning)
        try object.encode(status, forKey: .status)
        try object.encode(url, forKey: .url)
    }
}
