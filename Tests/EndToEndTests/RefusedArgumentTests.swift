import Foundation
import TestSupport
import Testing

/// What a command says of arguments that it does not take. None of these needs a database.
@Suite("Arguments that are refused", .timeLimit(.minutes(5)))
struct RefusedArgumentTests {
    private static let environment = [
        "OTALINK_DATABASE_URL": "postgresql://otalink@127.0.0.1:1/otalink",
        "OTALINK_SECRET_KEYS": String(repeating: "A", count: 43),
    ]

    @Test(
        "No control character of an argument reaches the terminal",
        arguments: [
            ["x\u{1B}[31m"], ["link", "list", "--ticket", "\u{1B}[31mx"], ["setting", "set", "x\u{1B}[31m", "1"],
            ["api-key", "create", "desk", "--scope", "\u{9B}31m"],
            ["api-key", "create", "desk", "--scope", "desk:events", "--from", "\u{1B}]0;x\u{7}"],
            ["doctor", "--\u{1B}[31m"],
        ])
    func controlCharacters(arguments: [String]) async throws {
        let refused = try await ChildProcess(Deployment.program, arguments, environment: Self.environment).finished()
        #expect(refused.status != 0)
        let shown = refused.output + refused.errors
        #expect(shown.contains("\u{FFFD}"), "\(shown)")
        #expect(!shown.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control }, "\(shown)")
    }

    @Test("Help is no refusal")
    func help() async throws {
        let help = try await ChildProcess(Deployment.program, ["setting", "--help"], environment: [:]).finished()
        #expect(help.status == 0 && help.output.contains("USAGE") && help.errors.isEmpty)
    }

    @Test(
        "A key is bound to a network by its first address, and to an address by itself",
        arguments: [
            ("10.1.2.3/8", "Write 10.0.0.0/8 for the network, or 10.1.2.3 for the address alone"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"), ("2001:db8::1/32", "2001:db8::/32"), ("", "'' is no address"),
        ])
    func network(from: String, message: String) async throws {
        let refused = try await ChildProcess(
            Deployment.program, ["api-key", "create", "desk", "--scope", "desk:events", "--from", from],
            environment: Self.environment
        ).finished()
        #expect(refused.status == 64 && refused.errors.contains(message), "\(refused.errors)")
    }
}
