import CurlClient
import DemoDesk
import Logging
import ServiceLifecycle

/// Posts the tickets' events, one after the other, as the desk's invoker does.
struct EventSender: Service, CustomStringConvertible {
    private let url: String
    private let key: String
    private let client: CurlClient
    private let logger: Logger
    private let events: AsyncStream<DemoDeskEvent>
    private let queue: AsyncStream<DemoDeskEvent>.Continuation

    /// Without the key: a service group logs its services.
    var description: String { "EventSender" }

    /// The pauses before the tries after the first; then the event is given up.
    private static let pauses: [Duration] = [.milliseconds(500), .seconds(2), .seconds(5)]

    init(url: String, key: String, client: CurlClient, logger: Logger) {
        self.url = url
        self.key = key
        self.client = client
        self.logger = logger
        (events, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1_000))
    }

    /// Queues an event.
    func post(_ event: DemoDeskEvent) {
        queue.yield(event)
    }

    func run() async throws {
        for await event in events.cancelOnGracefulShutdown() {
            await deliver(event)
        }
        await client.close()
    }

    private func deliver(_ event: DemoDeskEvent) async {
        let metadata: Logger.Metadata = ["event": "\(event.name.rawValue)", "ticket": "\(event.ticketNumber)"]
        for pause in [.zero] + Self.pauses {
            do {
                try await Task.sleep(for: pause)
                let response = try await client.send(
                    HTTPRequest(
                        method: .post, url: url,
                        headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(key)")],
                        body: Array(event.body.utf8)))
                if (200..<300).contains(response.status) {
                    logger.debug("The event was accepted.", metadata: metadata)
                    return
                }
                logger.warning(
                    "The event was refused.", metadata: metadata.merging(["status": "\(response.status)"]) { $1 })
            } catch is CancellationError {
                return
            } catch {
                logger.warning(
                    "The event could not be posted.", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            }
        }
        logger.error("The event was given up.", metadata: metadata)
    }
}
