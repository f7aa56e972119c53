import Foundation
import Hummingbird
import LinkStore
import NIOCore

/// What the service knows of a request beside the request itself.
struct LinkServiceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel
    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Names the request in logs, in the audit trail, in problem details, and on the page that says that something went wrong: as
    /// a proxy of ours has named it, or by the library, which has put its name into the logger.
    var requestID: String {
        get {
            switch logger[metadataKey: RequestContextFacts.logKey] {
            case .string(let text)?: text
            case .stringConvertible(let value)?: value.description
            default: "unnamed"
            }
        }
        set { logger[metadataKey: RequestContextFacts.logKey] = "\(newValue)" }
    }

    /// No form or document of ours is larger.
    var maxUploadSize: Int { 16 * 1024 }

    /// Set where the peer is a proxy of ours.
    var clientAddress: String?

    /// The request names a host that is none of ours (`OurHosts`).
    var isForeignHost = false

    /// Address of the peer of the connection.
    var peerAddress: String? { channel.remoteAddress?.ipAddress }

    /// For the audit trail.
    func facts(_ request: Request) -> RequestContextFacts {
        RequestContextFacts(
            clientAddress: clientAddress ?? peerAddress, userAgent: request.headers[.userAgent], requestID: requestID)
    }
}
