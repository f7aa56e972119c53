import LinkStore
import Logging
import OneTimeLinks
import ServiceLifecycle

/// Tells the filter on the mail host, through the database, from which addresses our mails come: one of these runs in every
/// replica.
public struct OwnAddressPublisher: Service, CustomStringConvertible {
    /// Without the addresses.
    public let description = "OwnAddressPublisher"

    private let store: LinkStore
    private let addresses: Set<String>
    private let logger: Logger

    /// - Parameter site: its author and its envelope sender are published.
    public init(store: LinkStore, site: MailSite, logger: Logger) {
        self.store = store
        addresses = Set([site.from.address, site.envelopeFrom].filter { !$0.isEmpty })
        self.logger = logger
    }

    /// Says it once.
    public func publish() async throws {
        try await store.ownAddresses.publish(addresses)
    }

    /// Says it again every hour until the service is told to end.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(3_600))) != nil {
                do {
                    try await publish()
                } catch {
                    logger.warning("Our own addresses could not be published", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
