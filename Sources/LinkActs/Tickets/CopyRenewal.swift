import Customers
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient

/// Makes our copy of a customer user the same as the desk's own table has it, where that table can be reached.
///
/// Replicas do this whenever they read a ticket at the desk, so that links and mails go by what stands there. The mail filter
/// may not change customer users.
public struct CopyRenewal: Sendable {
    private let store: LinkStore
    private let table: @Sendable () async throws -> DeskCustomerTable?
    private let patience: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - table: the desk's table as the settings of the moment say; nil: there is none. It throws where the settings name one, and
    ///     this program was not told how to reach it.
    ///   - patience: how long the work that needs the copy waits for the desk's database.
    public init(
        store: LinkStore, patience: Duration = .seconds(1), logger: Logger,
        table: @escaping @Sendable () async throws -> DeskCustomerTable?
    ) {
        self.store = store
        self.table = table
        self.patience = patience
        self.logger = logger
    }

    /// Renews the copy of the customer user of that login. If the desk's table cannot be read, the copy stays as it is.
    public func callAsFunction(login: String) async {
        do {
            try await renew(login: login)
        } catch {
            // That this program cannot reach the table at all is no news of this ticket; the doctor says it.
            let isNews = (error as? CustomerTableUnreadable)?.isUnconfigured != true
            logger.log(
                level: isNews ? .warning : .debug,
                "The copy of a customer user could not be renewed from the desk's database",
                metadata: ["error": "\(error)"])
        }
    }

    /// The same for somebody who may have no copy yet.
    ///
    /// - Throws: `CustomerTableUnreadable`, or an error of our database.
    func renew(login: String) async throws {
        let found: CustomerUser?
        do {
            // A deadline of the query, since its error says why the database cannot be reached.
            found = try await table()?.find(login: login, deadline: patience)
        } catch {
            throw CustomerTableUnreadable(cause: error)
        }
        guard let live = found else { return }
        var known = try await store.customerUsers.find(login: login)
        // The desk keeps the language elsewhere.
        known?.language = nil
        guard known != live else { return }
        do {
            try await store.customerCopies.keep(live)
        } catch let error as PostgresError where error.isAboutValues {
            try await store.audit.record(AuditEvent("customer.not_copied", reason: live.backend))
        }
    }
}

/// The desk's own table of customer users cannot be read, so whether somebody without a copy here is in it is not known. Nothing was
/// changed; try again.
public struct CustomerTableUnreadable: Error, CustomStringConvertible {
    public let cause: any Error

    public init(cause: any Error) { self.cause = cause }

    /// This program was not told how to reach the table.
    var isUnconfigured: Bool { !(cause is PostgresError || cause is CancellationError) }

    public var description: String {
        let reason = (cause as? PostgresError)?.serverMessage ?? "\(cause)"
        return
            "The desk's table of customer users cannot be read, so it is not known whether there is one of that login. Nothing was changed. "
            + "The reason: \(reason)"
    }
}
