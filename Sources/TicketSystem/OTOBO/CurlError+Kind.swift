import CurlClient

extension CurlError {
    /// What the client's failure means for a call of the desk.
    var ticketSystemKind: TicketSystemError.Kind {
        switch kind {
        case .timedOut: .timedOut
        case .bodyTooLarge: .badAnswer(.tooLarge)
        case .tls: isPlainPort ? .plainPort : .untrusted
        case .invalidURL, .refusedHeader: .misconfigured
        case .couldNotResolve, .couldNotConnect, .cutShort, .other: .unreachable
        }
    }
}
