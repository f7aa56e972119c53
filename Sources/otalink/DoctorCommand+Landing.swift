import LinkService
import LinkStore
import OneTimeLinks

extension DoctorCommand {
    /// Whether customers can arrive where the setting `Landing` sends them.
    func landing(_ surroundings: Surroundings) async -> [Finding] {
        let (subject, environment) = ("landing", surroundings.environment)
        do {
            let landing = try await surroundings.store.settings.read().landing
            if landing == .page { return [Finding(verdict: .good, subject: subject, text: landing.rawValue)] }
            let place = LandingPlace(
                baseURL: try environment.baseURL(), deskTicketURL: try environment.deskTicketURL())
            if let objection = place.objection(to: landing) { throw Advice(text: objection) }
            // Of all landings, only this one is never without a proxy.
            if landing == .forwardAuth, try environment.trustedProxies().isEmpty {
                return [Finding(verdict: .doubtful, subject: subject, text: Self.unnamedProxy)]
            }
            return [Finding(verdict: .good, subject: subject, text: landing.rawValue)]
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }

    private static let unnamedProxy =
        "forward-auth, and OTALINK_TRUSTED_PROXIES is empty: limits for each client and the networks of API keys (--from) then see "
        + "the proxy's address in place of the client's. Name the proxy there."
}
