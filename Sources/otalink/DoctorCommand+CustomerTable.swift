import Customers
import LinkStore
import OneTimeLinks
import PostgresClient

extension DoctorCommand {
    /// Whether customer users can be created in the desk's table: one is, in a transaction that is taken back.
    func creating(in table: DeskCustomerTable) async -> Finding {
        await Finding.of("desk's customer table, writing") {
            do {
                try await table.tryCreating()
                return "customer users can be created"
            } catch let error as PostgresError where error.isAboutWriting {
                let grants = try await table.grants().joined(separator: " ")
                throw Advice(
                    text:
                        "No customer user can be created (\(error.serverMessage ?? "SQLSTATE \(error.sqlState ?? "?")")), so mails of "
                        + "new senders go on without one. Let the tables' owner run in the desk's database: \(grants) Or leave "
                        + "CustomerUserBackend empty for our own table.")
            }
        }
    }
}

extension Surroundings {
    /// Whether the desk's own table of customer users can be read; nil: the settings describe none.
    func readingCustomerTable(_ settings: Settings) async -> Finding? {
        guard settings.customerDatabase != nil else { return nil }
        return await Finding.of("desk's customer table") {
            try await deskCustomerTable(settings)?.tryReading()
            return "can be read"
        }
    }
}
