import AddOn
import ArgumentParser
import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over what a predecessor left behind.",
        discussion: """
            docs/add-on.md has the order of steps for moving over from the OTOBO add-on.

              otalink import add-on dump.sql --dry-run
            """,
        subcommands: [FromAddOn.self])

    struct FromAddOn: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-on", abstract: "Import the links that the OTOBO add-on has mailed.",
            discussion: """
                The links are read from a file: a dump of mariadb-dump, mysqldump or pg_dump, or CSV whose first line names the columns; or \
                from the desk's PostgreSQL, if its database was moved there. Uninstalling the add-on drops its table, so dump it before.

                  mariadb-dump otobo ota_tokens | otalink import add-on --dry-run -
                  otalink import add-on ota_tokens.sql

                What was imported before stays as it is, so run it again after an interruption. Times are read in \
                OTALINK_DESK_TIME_ZONE. docs/add-on.md has the order of steps.
                """)

        @Argument(help: "The file; - for standard input.") var file: String?
        @Option(help: ArgumentHelp("The desk's PostgreSQL, in place of a file.", valueName: "url"))
        var database: String?
        @Option(help: "The table.") var table = AddOnFile.table
        @Option(
            help: ArgumentHelp(
                "A column with another name: token, ticket_number, user, used, change_time or create_time.",
                valueName: "meaning=name"))
        var column: [String] = []
        @Flag(help: "Say what would be imported, and change nothing.") var dryRun = false
        @Flag(help: "Import links that sign nobody in: a click on one mails a fresh one.") var asSuperseded = false
        @OptionGroup var output: ResultOptions

        func validate() throws {
            guard (file == nil) != (database == nil) else {
                throw ValidationError("Name a file, or - for standard input, or the desk's database with --database.")
            }
            _ = try columns()
        }

        func run() async throws {
            try await Surroundings.with(work: .job) { surroundings in
                var act = ImportAddOnLinks(
                    links: surroundings.store.addOnLinks, zone: try surroundings.environment.deskTimeZone,
                    isDryRun: dryRun, asSuperseded: asSuperseded, actor: Surroundings.operatorName)
                do {
                    try await take(&act, surroundings)
                } catch {
                    // What is imported so far stays; the next run goes on from there.
                    if act.report.read > 0 { try write(act.report) }
                    throw error
                }
                try write(act.report)
            }
        }

        private func take(_ act: inout ImportAddOnLinks, _ surroundings: Surroundings) async throws {
            let progress = ImportProgress()
            if let database {
                let configuration = PostgresConfiguration(
                    url: database, connections: 1, work: .job,
                    usesPreparedStatements: surroundings.environment.usesPreparedStatements)
                let client = PostgresClient(configuration, logger: surroundings.logger)
                do {
                    try await AddOnTable(client: client, table: table, columns: columns())
                        .read(AddOnLinks.batch) { records, count in
                            try await act.take(records)
                            progress.show(act.report.read, of: count, rows: act.report.read)
                        }
                } catch {
                    await client.close()
                    throw error
                }
                await client.close()
            } else {
                let input = try ImportFile(path: file ?? "-")
                var rows = try AddOnFile(table: table, columns: columns()) { try input.next() }
                while case let records = try rows.next(AddOnLinks.batch), !records.isEmpty {
                    try await act.take(records)
                    progress.show(input.bytesRead, of: input.size, rows: act.report.read)
                }
            }
            progress.end()
        }

        private func columns() throws -> AddOnColumns {
            var named: [AddOnColumns.Meaning: String] = [:]
            for text in column {
                let parts = text.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let meaning = AddOnColumns.Meaning(rawValue: String(parts[0])) else {
                    throw ValidationError(
                        "--column \(text) is not understood. Write it like: --column user=customer_login")
                }
                named[meaning] = String(parts[1])
            }
            return AddOnColumns(named: named)
        }

        private func write(_ report: AddOnImportReport) throws {
            try output.print(report, lines: ["\(report)"])
        }
    }
}
