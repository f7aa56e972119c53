import Customers
import LinkStore
import MailMessage
import OneTimeLinks

/// May the sender of a mail become a customer user? The one place that says so: for the filter, and for tickets that the desk
/// tells of.
struct NewcomerGate: Sendable {
    let directory: CustomerDirectory
    let customerUsers: CustomerUsers
    let policy: InboundPolicy

    init(store: LinkStore, directory: CustomerDirectory, policy: InboundPolicy) {
        self.directory = directory
        customerUsers = store.customerUsers
        self.policy = policy
    }

    /// Where the settings let a customer user be made of the sender, or why they do not.
    func setting(for sender: MailAddress) async throws -> Result<CreateCustomerUserSetting, Refused> {
        guard let create = policy.create else { return .failure(Refused(outcome: .unknown)) }
        // The desk's columns hold less than an address may be.
        guard CustomerUser(accountOf: sender).canBeStored else { return .failure(Refused(outcome: .addressTooLong)) }
        guard try await directory.unreadBackends()?.isEmpty == true else {
            return .failure(Refused(outcome: .backendsUnread))
        }
        return .success(create)
    }

    /// Why the sender does not become one; nil if nothing is in the way.
    func refusal(of sender: MailAddress, verdict: MailVerdict) async throws -> InboundOutcome? {
        guard verdict.allowsAccount else { return verdict == .limited ? .limited : .unauthenticated }
        return try await isOverLimit(sender) ? .limited : nil
    }

    /// Two mails at the same instant may both pass; the limit is there against floods.
    private func isOverLimit(_ sender: MailAddress) async throws -> Bool {
        guard policy.newAccountsPerHour > 0 || policy.newAccountsPerDomainAndHour > 0 else { return false }
        let created = try await customerUsers.createdWithinHour(domain: sender.domain)
        return (policy.newAccountsPerHour > 0 && created.total >= policy.newAccountsPerHour)
            || (policy.newAccountsPerDomainAndHour > 0 && created.domain >= policy.newAccountsPerDomainAndHour)
    }

    /// The outcome of a refusal.
    struct Refused: Error {
        let outcome: InboundOutcome
    }
}
