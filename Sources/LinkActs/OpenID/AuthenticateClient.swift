import Crypto
import Foundation
import LinkStore
import OpenIDProvider
import OpenIDStore

/// The act of finding out which client calls.
public struct AuthenticateClient: Sendable {
    private let clients: RelyingParties

    init(clients: RelyingParties) {
        self.clients = clients
    }

    /// The client whose secret the request shows; a public client, which has none, only names itself.
    ///
    /// - Returns: nil for an unknown client, a wrong secret, and a client with a secret that shows none.
    /// - Throws: an error of the database.
    public func callAsFunction(_ shown: ClientAuthentication) async throws -> RegisteredClient? {
        switch shown {
        case .secret(let readings):
            for reading in readings {
                if let client = try await find(reading.clientID), let hash = client.secretHash,
                    Self.isSame(Data(SHA256.hash(data: Data(reading.secret.utf8))), hash)
                {
                    return client
                }
            }
            return nil
        case .none(let clientID):
            guard let client = try await find(clientID), client.party.isPublic else { return nil }
            return client
        }
    }

    /// No client has such a name, and the database takes no text with a NUL.
    private func find(_ id: String) async throws -> RegisteredClient? {
        guard ClientName.isAcceptable(id) else { return nil }
        return try await clients.find(id: id)
    }

    private static func isSame(_ left: Data, _ right: Data) -> Bool {
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
