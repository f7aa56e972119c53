import Foundation

/// A session of the web service.
struct DemoSession: Sendable {
    var caller: DemoCaller
    var clientAddress: String
    var created: Date
}

/// Whose login a call of the web service carries.
enum DemoCaller: Hashable, Sendable {
    case agent(login: String)
    case customer(login: String)
}

extension DemoDeskState {
    /// The desk's `SessionMaxIdleTime`: its web service counts no call as a use, so this is a session's whole life.
    private static let sessionLifetime: TimeInterval = 7_200

    /// Ends all sessions of the web service.
    public func endSessions() {
        sessions = [:]
    }

    /// How many sessions of the web service there are.
    public var sessionCount: Int { sessions.count }

    /// Puts a session in with a given key, for tests that replay recorded requests.
    public func seedSession(_ key: String, agent login: String, clientAddress: String = "127.0.0.1") {
        sessions[key] = DemoSession(caller: .agent(login: login), clientAddress: clientAddress, created: now)
    }

    /// The same for a customer user.
    public func seedSession(_ key: String, customer login: String, clientAddress: String = "127.0.0.1") {
        sessions[key] = DemoSession(caller: .customer(login: login), clientAddress: clientAddress, created: now)
    }

    func openSession(of caller: DemoCaller, from clientAddress: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let key = String((0..<32).compactMap { _ in alphabet.randomElement() })
        sessions[key] = DemoSession(caller: caller, clientAddress: clientAddress, created: now)
        return key
    }

    /// The session, if it lives and is used from where it was made. A use from elsewhere ends it.
    func session(_ key: String, from clientAddress: String) -> DemoSession? {
        guard let session = sessions[key] else { return nil }
        guard session.clientAddress == clientAddress, now.timeIntervalSince(session.created) < Self.sessionLifetime
        else {
            sessions[key] = nil
            return nil
        }
        return session
    }

    /// Whose login and password these are.
    func caller(login: String, isCustomer: Bool, password: String) -> DemoCaller? {
        if isCustomer {
            let known = configuration.customers.contains { $0.login == login && $0.password == password }
            return known ? .customer(login: login) : nil
        }
        let known = configuration.agents.contains { $0.login == login && $0.password == password }
        return known ? .agent(login: login) : nil
    }

    func permission(of caller: DemoCaller) -> DemoDeskConfiguration.Agent.Permission {
        guard case .agent(let login) = caller else { return .readOnly }
        return configuration.agents.first { $0.login == login }?.permission ?? .none
    }

    func canRead(_ ticket: DemoTicket, _ caller: DemoCaller) -> Bool {
        switch caller {
        case .agent:
            return permission(of: caller) != .none && !ticket.isHidden
        case .customer(let login):
            let customerID = configuration.customers.first { $0.login == login }?.customerID
            return ticket.customerLogin == login || ticket.customerID == customerID
        }
    }
}
