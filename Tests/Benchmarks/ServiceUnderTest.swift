import Foundation
import OneTimeLinks
import TestSupport

/// One replica of the release build, over the database of the run.
struct ServiceUnderTest {
    let port: UInt16
    let secret: String
    let process: ChildProcess
    /// What a command of the service needs.
    let environment: [String: String]

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - mailPort: where the mail server listens.
    ///   - deskPort: where a desk listens; by default none does.
    static func start(
        database: TestDatabase, secret: String = KeyRing.generateSecret(), mailPort: UInt16 = 9, deskPort: UInt16 = 9
    ) async throws -> ServiceUnderTest {
        let port = try FreePort.find()
        let environment = [
            "OTALINK_DATABASE_URL": database.url, "OTALINK_SECRET_KEYS": secret,
            "OTALINK_BASE_URL": "http://127.0.0.1:\(port)", "OTALINK_LISTEN": "127.0.0.1:\(port)",
            "OTALINK_DESK_URL": "http://127.0.0.1:\(deskPort)/otobo/nph-genericinterface.pl/Webservice/otalink",
            "OTALINK_DESK_LOGIN": "bench", "OTALINK_DESK_PASSWORD": "bench",
            "OTALINK_DESK_TICKET_URL": "http://127.0.0.1:9/ticket/",
            "OTALINK_SMTP_URL": "smtp://127.0.0.1:\(mailPort)", "OTALINK_MAIL_FROM": "support@example.org",
        ]
        let process = try ChildProcess(program("otalink"), ["serve"], environment: environment)
        guard await process.writes("listening on") else { throw Unready(output: await process.finished().errors) }
        return ServiceUnderTest(port: port, secret: secret, process: process, environment: environment)
    }

    /// A program of the release build.
    static func program(_ name: String) -> String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name).path
    }
}

/// Something that the run needs did not come up.
struct Unready: Error {
    let output: String
}
