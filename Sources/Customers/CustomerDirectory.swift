import LinkStore
import Logging
import OneTimeLinks
import PostgresClient

/// All customer users that we can see: our own, those of the desk's table where we can reach it, and the copies of those whom
/// its other backends have.
public struct CustomerDirectory: Sendable {
    private let own: CustomerUsers
    private let renewsCopies: Bool
    private let copies: CustomerCopies
    private let audit: AuditTrail
    private let table: DeskCustomerTable?
    /// What the operator says that the desk has; empty: nothing was said.
    private let declared: [String]
    /// Told when the desk's table lets us write nothing.
    private let logger: Logger?

    /// - Parameters:
    ///   - table: the desk's own table; nil: there is none that we can reach.
    ///   - declared: the names of all of the desk's backends (`CustomerBackends`).
    ///   - renewsCopies: false for the mail filter, which may neither change customer users nor see who has a password.
    public init(
        store: LinkStore, table: DeskCustomerTable?, declared: [String], renewsCopies: Bool = true,
        logger: Logger? = nil
    ) {
        self.logger = logger
        own = renewsCopies ? store.customerUsers : store.customerUsers.withoutPasswords
        self.renewsCopies = renewsCopies
        copies = store.customerCopies
        audit = store.audit
        self.table = table
        self.declared = declared
    }

    /// The customer users whose address is the same mailbox, valid ones first, then by login.
    public func find(email: String) async throws -> [CustomerUser] {
        let known = try await own.find(email: email)
        guard let table else { return known }
        // What stands in the table now counts, and our copies follow it.
        let live = try await table.find(email: email)
        for customer in live where renewsCopies && !known.contains(where: { $0.isByteForByte(customer) }) {
            try await keep(customer)
        }
        let others = known.filter { $0.backend != table.backend }
        // Logins are told apart byte for byte.
        let logins = Set(others.map { Array($0.login.utf8) })
        return (others + live.filter { !logins.contains(Array($0.login.utf8)) }).sorted { left, right in
            if left.isValid != right.isValid { return left.isValid }
            return left.login.utf8.lexicographicallyPrecedes(right.login.utf8)
        }
    }

    /// The customer user of that login; logins are compared byte for byte.
    public func find(login: String) async throws -> CustomerUser? {
        if let known = try await own.find(login: login) { return known }
        return try await table?.find(login: login)
    }

    /// The backends that the desk has and we cannot look into. While there are any, whoever is unknown to us may be known to
    /// the desk, and nobody is to be created.
    ///
    /// - Returns: nil: nobody has said which backends the desk has.
    public func unreadBackends() async throws -> [String]? {
        if declared.isEmpty { return nil }
        let unread = declared.filter { $0 != CustomerDatabaseSetting.ownName && $0 != table?.backend }
        if unread.isEmpty { return [] }
        let copied = Set(try await copies.backends().map(\.name))
        return unread.filter { !copied.contains($0) }
    }

    /// Says in the audit trail why a mail or a ticket makes no customer user.
    package func noteRefusal(_ reason: String, context: RequestContextFacts) async throws {
        try await audit.record(AuditEvent("mail.passed", reason: reason, context: context))
    }

    /// Creates an account in a backend, unless one of that login is there already.
    ///
    /// - Parameters:
    ///   - backend: empty: our own.
    ///   - preferences: such as `UserLanguage`; written with a new account only.
    public func create(
        _ customer: CustomerUser, in backend: String, preferences: [String: String], context: RequestContextFacts
    ) async throws -> NewAccount {
        // Before any table is asked: the desk would fail on a ticket of theirs, and a cut address is somebody else's.
        guard customer.canBeStored else { return .tooLong }
        if backend.isEmpty {
            do {
                let made = try await own.create(customer, preferences: preferences, context: context)
                return .stored(made.customer, isNew: made.isNew)
            } catch let error as PostgresError where error.isAboutValues {
                return .refused
            }
        }
        guard let table, table.backend == backend else { return .foreignBackend }
        do {
            let made = try await table.create(customer, preferences: preferences)
            if renewsCopies { try await keep(made.customer) }
            if made.isNew {
                try await audit.record(
                    AuditEvent("customer.created", login: made.customer.login, reason: backend, context: context))
            }
            return .stored(made.customer, isNew: made.isNew)
        } catch let error as PostgresError where error.isAboutValues {
            return .refused
        } catch let error as PostgresError where error.isAboutWriting {
            try await noteUnwritable(backend, error)
            return .readOnly
        }
    }

    /// Once a minute over all replicas and mail hosts: each sender whom nobody knows comes here.
    private func noteUnwritable(_ backend: String, _ error: PostgresError) async throws {
        guard try await audit.recordOnceAMinute(AuditEvent("customer.backend_read_only", reason: backend)) else {
            return
        }
        logger?.error(
            "The desk's table takes no customer users from us, so mails of new senders go on without one; see: otalink doctor",
            metadata: ["backend": "\(backend)", "error": "\(error)"])
    }
}

extension CustomerDirectory {
    /// Keeps a copy, if our table can hold it: an account of the desk's that it cannot must not hold up the mail.
    private func keep(_ customer: CustomerUser) async throws {
        do {
            try await copies.keep(customer)
        } catch let error as PostgresError where error.isAboutValues {
            try await audit.record(AuditEvent("customer.not_copied", reason: customer.backend))
        }
    }
}

extension CustomerUser {
    /// Texts that differ in their normalisation alone are equal to Swift, and not to the database.
    fileprivate func isByteForByte(_ other: CustomerUser) -> Bool {
        let texts = [\CustomerUser.login, \.email, \.customerID, \.firstName, \.lastName]
        return self == other
            && texts.allSatisfy { self[keyPath: $0].utf8.elementsEqual(other[keyPath: $0].utf8) }
    }
}

/// What became of the request for an account.
public enum NewAccount: Sendable, Hashable {
    /// The account as stored, and whether this call made it.
    case stored(CustomerUser, isNew: Bool)
    /// The backend is none that we can write to.
    case foreignBackend
    /// The backend's table does not take such values; a repeat would not help.
    case refused
    /// The backend lets us create nobody: the decision stands until an administrator changes that.
    case readOnly
    /// The desk's columns do not hold the address.
    case tooLong
}
