import ArgumentParser
import Customers
import Foundation
import LinkStore
import OneTimeLinks

extension CustomerCommand {
    /// What both ways of copying share.
    struct CopyOptions: ParsableArguments {
        @Argument(help: "The name of the backend, as in the desk's Kernel/Config.pm.") var backend: String
        @Flag(help: "Take a list that is empty, or lacks more than a tenth of the accounts and more than one.")
        var allowShrink = false
        @OptionGroup var output: ResultOptions

        private struct Result: Encodable {
            let accounts: Int
            let added: Int
            let changed: Int
            let switchedOff: Int
            /// Logins that another backend has.
            let taken: Int
            let withoutAddress: Int
            /// What is wrong with each row that was left out.
            let skipped: [String]
        }

        /// Rows that are named one by one to people.
        private static let namedRows = 20

        func validate() throws {
            guard (1...100).contains(backend.count), backend != CustomerDatabaseSetting.ownName,
                !backend.contains(where: { $0 == "," || $0.isNewline })
            else {
                throw ValidationError("This is not the name of another backend. Ours, otalink, needs no copy.")
            }
        }

        func store(_ list: CustomerList, in store: LinkStore) async throws {
            let report = try await store.customerCopies.replace(
                backend: backend, with: list.customers, skipped: list.withoutAddress + list.skipped.count,
                untouched: list.skippedLogins, mayShrink: allowShrink, actor: Surroundings.operatorName)
            var lines = ["\(report)"]
            if !list.skipped.isEmpty {
                lines.append(
                    "\(list.skipped.count.counted("row was", "rows were")) left out; copies that there are of them stay as they are:"
                )
                lines += list.skipped.prefix(Self.namedRows).map { "  \($0)" }
                let more = list.skipped.count - Self.namedRows
                if more > 0 { lines.append("  and \(more) more; --json names them all.") }
            }
            if list.withoutAddress > 0 {
                lines.append("\(list.withoutAddress.counted("more has", "more have")) no usable address.")
            }
            if report.taken > 0 { lines.append("Logins that another backend has stay as they are there.") }
            try output.print(
                Result(
                    accounts: report.accounts, added: report.added, changed: report.changed,
                    switchedOff: report.switchedOff, taken: report.taken, withoutAddress: list.withoutAddress,
                    skipped: list.skipped.map(\.description)),
                lines: lines)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the customer users of a backend from a CSV file.",
            discussion: """
                The file is the complete list: who is missing in it is switched off here. Rows that cannot be used are left out and \
                named. Its first line names the columns: \
                login and email, and customer_id, first_name, last_name, valid (1 or 0), has_password (1 or 0). Without a \
                column valid or has_password, 1 is taken.

                Copies are read-only: links for these people go to the address in the list, and the desk's own table stays as \
                it is.

                  otalink customer import LDAP customers.csv
                """)

        @OptionGroup var options: CopyOptions
        @Argument(help: "The file; - for standard input.") var file: String

        func run() async throws {
            let data: Data
            if file == "-" {
                data = try Self.read(.standardInput)
            } else {
                guard let handle = FileHandle(forReadingAtPath: file) else {
                    throw Advice(text: "The file cannot be read: \(file)")
                }
                data = try Self.read(handle)
            }
            let list = try CustomerList(decoding: data, backend: options.backend)
            try await Surroundings.with(work: .job) { try await options.store(list, in: $0.store) }
        }

        private static func read(_ handle: FileHandle) throws -> Data {
            do {
                return try ForeignOutput.read(from: handle.fileDescriptor)
            } catch {
                throw Advice(text: "The list cannot be read: \(error). Nothing was changed.")
            }
        }
    }

    struct Sync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the customer users of a backend from a command's output, or from the desk's database.",
            discussion: """
                Made for cron. The command prints what "otalink customer import" reads, or the same with tabs between the \
                columns, and ends with 0, else nothing is changed:

                  otalink customer sync CustomerUser --command 'mysql -B otobo <customers.sql'

                with this in customers.sql:

                  SELECT login, email, customer_id, first_name, last_name,
                         valid_id = 1 AS valid, COALESCE(pw, '') <> '' AS has_password
                    FROM customer_user;

                Without a command, the backend is the one that the setting CustomerDatabase describes.
                """)

        @OptionGroup var options: CopyOptions
        @Option(help: "A command for the shell that prints the list.") var command: String?

        func run() async throws {
            try await Surroundings.with(work: .job) { surroundings in
                if let command {
                    try await options.store(
                        CustomerList(decoding: try Self.output(of: command), backend: options.backend),
                        in: surroundings.store)
                } else {
                    try await copyTable(surroundings)
                }
            }
        }

        private func copyTable(_ surroundings: Surroundings) async throws {
            let settings = try await surroundings.store.settings.read()
            guard let table = try surroundings.deskCustomerTable(settings), table.backend == options.backend else {
                throw Advice(
                    text:
                        "The setting CustomerDatabase does not describe this backend. Name a --command that prints its "
                        + "customer users.")
            }
            var list = CustomerList()
            var last = ""
            var row = 0
            while true {
                let page = try await table.page(after: last, limit: 10_000)
                guard let end = page.last?.login else { break }
                for customer in page {
                    row += 1
                    // Such a table may have a login twice.
                    if row > 1, customer.login.utf8.elementsEqual(last.utf8) { continue }
                    list.add(customer, row: row)
                    last = customer.login
                }
                last = end
            }
            try await options.store(list, in: surroundings.store)
        }

        private static func output(of command: String) throws -> Data {
            let shell = "/bin/sh"
            guard FileManager.default.isExecutableFile(atPath: shell) else {
                throw Advice(
                    text:
                        "There is no shell here, as in the container image. Run the command elsewhere, and pipe what it prints into: "
                        + "otalink customer import BACKEND -")
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: shell)
            process.arguments = ["-c", command]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data: Data
            do {
                data = try ForeignOutput.read(from: pipe.fileHandleForReading.fileDescriptor)
            } catch {
                process.terminate()
                throw Advice(text: "What the command prints cannot be taken: \(error). Nothing was changed.")
            }
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Advice(
                    text: "The command ended with \(process.terminationStatus); nothing was changed.")
            }
            return data
        }
    }
}
