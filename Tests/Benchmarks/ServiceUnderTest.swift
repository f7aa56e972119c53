import Foundation
import OneTimeLinks
import TestSupport

/// One replica of the release build, over the database of the run.
struct ServiceUnderTest {
    let port: UInt16
    let secret: String
    let process: ChildProcess

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it listens.
    ///
    /// - Parameter mailPort: where the mail server listens.
    static func start(
        database: TestDatabase, secret: String = KeyRing.generateSecret(), mailPort: UInt16 = 9
    ) async throws -> ServiceUnderTest {
        let port = try FreePort.find()
        let process = try ChildProcess(
            program("otalink"), ["serve"],
            environment: [
                "OTALINK_DATABASE_URL": database.url, "OTALINK_SECRET_KEYS": secret,
                "OTALINK_BASE_URL": "http://127.0.0.1:\(port)", "OTALINK_LISTEN": "127.0.0.1:\(port)",
                // Facts are fresh for the whole run, so the desk is never asked.
                "OTALINK_DESK_URL": "http://127.0.0.1:9/desk", "OTALINK_DESK_LOGIN": "bench",
                "OTALINK_DESK_PASSWORD": "bench",
                "OTALINK_DESK_TICKET_URL": "http://127.0.0.1:9/ticket/",
                "OTALINK_SMTP_URL": "smtp://127.0.0.1:\(mailPort)", "OTALINK_MAIL_FROM": "support@example.org",
            ])
        guard await process.writes("listening on") else { throw Unready(output: await process.finished().errors) }
        return ServiceUnderTest(port: port, secret: secret, process: process)
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
