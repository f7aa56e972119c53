import Foundation
import Hummingbird
import LinkStore
import NIOCore

/// What the service knows of a request beside the request itself.
struct LinkServiceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Address of the peer of the connection.
    let peerAddress: String?
    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress
    }

    /// Names the request in logs, in the audit trail, and on the page that says that something went wrong. The library
    /// has put it into the logger, unless that keeps no metadata.
    var requestID: String {
        logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? "unnamed"
    }

    /// No form or document of ours is larger.
    var maxUploadSize: Int { 16 * 1024 }

    /// For the audit trail.
    func facts(_ request: Request) -> RequestContextFacts {
        RequestContextFacts(
            clientAddress: peerAddress, userAgent: request.headers[.userAgent], requestID: requestID)
    }
}
