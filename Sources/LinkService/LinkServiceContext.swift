import Foundation
import Hummingbird
import LinkStore
import NIOCore
import OneTimeLinks

/// What the service knows of a request beside the request itself.
struct LinkServiceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel
    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        requestID = UUID.version7().text
        logger[metadataKey: RequestContextFacts.logKey] = "\(requestID)"
    }

    /// Names the request in logs, in the audit trail, in problem details, and on the page that says that something went wrong: as
    /// a proxy of ours has named it, or by ourselves.
    var requestID: String {
        // The library's own name for it, so that its lines have the same.
        didSet { logger[metadataKey: RequestContextFacts.logKey] = "\(requestID)" }
    }

    /// No form or document of ours is larger.
    var maxUploadSize: Int { 16 * 1024 }

    /// Set where the peer is a proxy of ours.
    var clientAddress: String?

    /// Address of the peer of the connection.
    var peerAddress: String? { channel.remoteAddress?.ipAddress }

    /// For the audit trail.
    func facts(_ request: Request) -> RequestContextFacts {
        RequestContextFacts(
            clientAddress: clientAddress ?? peerAddress, userAgent: request.headers[.userAgent], requestID: requestID)
    }
}
