import CLibCurl

/// Everything that a transfer needs, made by the caller's task and carried out by a `TransferThread`.
struct TransferPlan: Sendable {
    /// Scheme, host and port: transfers with the same origin count together.
    var origin: String

    /// When a transfer that still waits for its turn has waited too long, and what is then left of its time-out. Nil:
    /// it may wait for ever, and its options say how long it may run.
    var deadline: ContinuousClock.Instant?

    /// Bytes to send after the request's header or `DATA`.
    var upload: HTTPUpload?

    /// Whether libcurl may send the upload a second time, on a new connection, if a kept-alive one was closed under it.
    var isRepeatable = false

    var maximumBodySize = 0

    /// Follows the dialogue of an SMTP transfer; nil for HTTP.
    var conversation: SMTPConversation?

    /// Sets the options that the callbacks do not need.
    var configure: @Sendable (EasyHandle) -> Void
}

/// What has become of a transfer.
struct TransferReport: Sendable {
    var code: CURLcode
    /// libcurl's words for a failure; may name hosts.
    var errorText = ""
    var status = 0
    /// The header lines of the last answer, as they came.
    var header: [UInt8] = []
    /// Its empty line has come: libcurl takes a header that ends without one for an answer.
    var isHeaderComplete = false
    var body: [UInt8] = []
    /// More came than the plan allows.
    var isTooLarge = false
    /// How many bytes of HTTP requests have been handed to the network.
    var requestSize = 0
    /// A message of a handshake was sent.
    var hasBegunTLS = false
    var progress = ConnectionProgress.none
    var conversation: SMTPConversation?
}

/// How far the making of a connection came.
enum ConnectionProgress: Sendable {
    case none, resolved, connected, encrypted
}
