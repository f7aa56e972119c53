import LinkStore
import Logging
import OneTimeLinks

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
    ///   - table: the desk's table as the settings of the moment say; nil: there is none.
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

    /// Renews the copy of the customer user of that login. If the desk's database does not answer, the copy stays as it is.
    public func callAsFunction(login: String) async {
        do {
            try await within(patience) { try await renew(login) }
        } catch {
            logger.warning(
                "The copy of a customer user could not be renewed from the desk's database",
                metadata: ["error": "\(error)"])
        }
    }

    private func renew(_ login: String) async throws {
        guard let live = try await table()?.find(login: login) else { return }
        var known = try await store.customerUsers.find(login: login)
        // The desk keeps the language elsewhere.
        known?.language = nil
        if known != live { try await store.customerCopies.keep(live) }
    }
}
