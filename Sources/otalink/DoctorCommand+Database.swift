import Foundation
import LinkStore
import Migrator
import OneTimeLinks
import PostgresClient

extension DoctorCommand {
    /// The rows that may fail while the rest can be looked at.
    static let besides = (clocks: "clocks", commits: "commits")

    /// Whether the database can be worked with at all: the first thing that is in the way, and what is not.
    func server(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "database"
        var findings: [Finding] = []
        do {
            let row = try await surroundings.client.query(Self.serverFacts).only()
            let (version, commit, offset) = try row.decode(String.self, String.self, Double.self)
            if surroundings.environment.usesPreparedStatements { try await Self.tryPreparedStatements(surroundings) }
            findings.append(Finding(verdict: .good, subject: subject, text: "PostgreSQL \(version)"))
            let skew = abs(offset - Date().timeIntervalSince1970)
            if skew >= 2 {
                findings.append(
                    Finding(verdict: .failed, subject: Self.besides.clocks, text: DatabaseAdvice.skew(skew)))
            }
            // A commit that is not on disk when it is answered can be lost with the machine.
            if commit == "off" {
                findings.append(Finding(verdict: .failed, subject: Self.besides.commits, text: DatabaseAdvice.commit))
            }
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: DatabaseAdvice.text(error))]
        }
        let encoding = await Finding.of("database encoding") {
            try await Migrator.requireUTF8(surroundings.client)
            return "UTF8"
        }
        findings.append(encoding)
        guard encoding.verdict == .good else { return findings }
        let schema = await Finding.of("schema") {
            let directory = try migrations.load()
            let migrator = Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
            try await migrator.requireCurrent()
            return "\(directory.files.count.counted("migration")), up to date"
        }
        findings.append(schema)
        if schema.verdict == .good { findings.append(await roles(surroundings)) }
        return findings
    }

    private func roles(_ surroundings: Surroundings) async -> Finding {
        let subject = "database roles"
        do {
            let (present, missing) = try await surroundings.store.roles.present()
            guard missing.isEmpty else {
                return Finding(verdict: .doubtful, subject: subject, text: DatabaseAdvice.missing(missing))
            }
            return Finding(verdict: .good, subject: subject, text: present.joined(separator: ", "))
        } catch {
            return Finding(verdict: .failed, subject: subject, text: "\(error)")
        }
    }

    /// Two connections prepare the same statement in turn. A pooler that gives both the same connection of the server, and keeps no
    /// account of prepared statements, lets one of them fail.
    private static func tryPreparedStatements(_ surroundings: Surroundings) async throws {
        var configuration = try surroundings.environment.database(for: .command)
        configuration.connections = 1
        configuration.deadline = .seconds(5)
        let clients = [configuration, configuration].map { PostgresClient($0, logger: surroundings.logger) }
        let outcome: Result<Void, any Error>
        do {
            for client in clients + clients { _ = try await client.query(serverFacts) }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for client in clients { await client.close() }
        try outcome.get()
    }

    private static let serverFacts = Statement(
        "doctor.server",
        """
        SELECT current_setting('server_version'), current_setting('synchronous_commit'),
               EXTRACT(epoch FROM clock_timestamp())::double precision
        """)
}

/// What an operator is told about the database.
enum DatabaseAdvice {
    static let commit = "synchronous_commit is off: a crash can lose what was answered. Switch it on for this database."

    static func skew(_ seconds: Double) -> String {
        "This machine's clock and the database's differ by \(Int(seconds)) s. The database's counts; let NTP set both."
    }

    static func missing(_ roles: [String]) -> String {
        "\(roles.joined(separator: ", ")) do not exist, since otalink's database user may not create roles. Programs on other hosts, the "
            + "desk and people who look inside need them. \"otalink migrate up\" prints the statements for a superuser; or let one run "
            + "ALTER ROLE ... CREATEROLE for our user, and run it again."
    }

    /// What an error of the first statement means.
    static func text(_ error: any Error) -> String {
        isOldPooler(error)
            ? "The pooler in between keeps no prepared statements, as PgBouncer before 1.21, or with max_prepared_statements 0. Set "
                + "OTALINK_DATABASE_PREPARED=0, and OTALINK_DATABASE_DIRECT_URL to the server itself. (\(error))"
            : "\(error)"
    }

    /// It refuses what we say when we connect, or mixes up the prepared statements of its clients.
    private static func isOldPooler(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        if case .connectionFailed(let reason) = error.kind, reason.contains("unsupported startup parameter") {
            return true
        }
        return ["42P05", "26000", "08P01"].contains(error.sqlState)
    }
}
