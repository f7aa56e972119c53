import Foundation

/// Why the service did not take a mail of the desk, in words for the mail host's log.
enum OutboundRefusal {
    private struct Problem: Decodable {
        let code: String?
        let detail: String
    }

    /// - Parameter service: what `OTALINK_SERVICE_URL` says.
    static func explanation(status: Int, body: some Collection<UInt8>, service: String) -> String {
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(body.prefix(4096)))
        let creation = KeyRefusalAdvice.Caller.outgoingMail.creation
        switch (status, problem?.code) {
        case (401, _):
            return
                "The service does not know the key in OTALINK_API_KEY or OTALINK_API_KEY_FILE; it is wrong or was revoked. Make "
                + "one, where the service runs: \(creation)"
        case (403, "foreign-network"):
            return
                "The service does not take the key from this host's address. Make one, where the service runs: \(creation) --from "
                + "and the address. If the service sees a load balancer's address instead, name that in its OTALINK_TRUSTED_PROXIES."
        case (403, _) where problem != nil:
            return "The key has not the scope mail:outbound. Make one, where the service runs: \(creation)"
        case (404, _):
            return
                "There is no otalink at \(service). If OTALINK_BASE_URL of the service has a path, OTALINK_SERVICE_URL needs it too."
        default:
            let text = problem?.detail ?? String(decoding: body.prefix(300), as: UTF8.self)
            return "The service answered \(status): \(text)"
        }
    }
}
