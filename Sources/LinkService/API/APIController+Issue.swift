import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkStore
import OneTimeLinks

/// Issuing: once for each call, or, with an `Idempotency-Key`, once for all repeats of a call, on whichever replica they arrive.
extension APIController {
    /// Makes a link that the caller has in hand.
    @Sendable func issue(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let body = try await bytes(request)
        let wanted = try CheckedIssue(decode(IssueRequest.self, body))
        guard let name = try IdempotencyKey(request)?.text else {
            return try response(to: try await answer(wanted, nil, key, request, context))
        }
        let call = RepeatableCall(
            apiKey: key.name, name: name, bodyHash: Array(SHA256.hash(data: body)), requestID: context.requestID)
        for _ in 0..<3 {
            switch try await service.store.apiRequests.claim(call, lease: Self.lease) {
            case .claimed(let claimed):
                do {
                    return try response(to: try await answer(wanted, claimed, key, request, context))
                } catch is AnsweredMeanwhile {
                    continue
                } catch {
                    // Nothing was decided, so a repeat need not wait. If this fails too, it waits for the lease.
                    try? await service.store.apiRequests.release(claimed)
                    throw error
                }
            case .answered(let answer): return try response(to: answer)
            case .otherBody:
                throw Problem(
                    .unprocessableContent,
                    "This Idempotency-Key was used for another body. Take a new key for a new call.",
                    code: "idempotency-key-reused")
            case .inProgress: throw Self.inProgress
            }
        }
        throw Self.inProgress
    }

    /// Longer than any answer takes.
    private static let lease = Duration.seconds(90)

    private static var inProgress: Problem {
        Problem(
            .conflict, "The same call is being worked on. Repeat it in a second.", code: "in-progress",
            headers: [.retryAfter: "1"])
    }

    /// Decides, and writes the answer down together with the link.
    private func answer(
        _ wanted: CheckedIssue, _ claimed: ClaimedCall?, _ key: StoredAPIKey, _ request: Request,
        _ context: LinkServiceContext
    ) async throws -> CallAnswer {
        let issued: IssueAnswer
        do {
            issued = try await service.issue(
                id: claimed?.link ?? .version7(), ticketNumber: wanted.ticketNumber,
                customerLogin: wanted.customerLogin,
                settings: service.settings(), allowance: service.allowance(of: key), actor: "api-key \(key.name)",
                answering: claimed, context: context.facts(request))
        } catch let usedUp as TokenAllowanceUsedUp {
            throw Problem(
                .tooManyRequests, "This API key has made all the links of this hour. Wait \(usedUp.seconds) seconds.",
                code: "too-many-links", headers: [.retryAfter: "\(usedUp.seconds)"])
        }
        let answer: CallAnswer
        switch issued {
        case .issued(let link, let keyID, _, let ticket):
            return .issued(link: link, keyID: keyID, ticketNumber: ticket.number)
        case .plainURL(let ticket): answer = .plainURL(ticket.number)
        case .refused(let refusal): answer = .refused(code: refusal.code, requestID: context.requestID)
        }
        if let claimed, try await !service.store.apiRequests.answer(claimed, answer) { throw AnsweredMeanwhile() }
        return answer
    }

    /// The same answer is the same bytes, whoever writes it and when; the token is signed again.
    private func response(to answer: CallAnswer) throws -> Response {
        switch answer {
        case .issued(let link, let keyID, let ticket):
            guard let token = service.keys.sign(link, as: .link, keyID: keyID) else { throw SigningKeyMissing() }
            let body = IssueResponse(
                id: link.text, url: service.baseURL.link(token: token), ticketNumber: ticket.text, signsIn: true)
            return try Response.json(body, status: .created)
        case .plainURL(let ticket):
            let body = IssueResponse(
                id: nil, url: service.deskTicketURL + ticket.text, ticketNumber: ticket.text, signsIn: false)
            return try Response.json(body, status: .ok)
        case .refused(let code, let requestID):
            return Problem(.unprocessableContent, "No link was made.", code: code).response(requestID: requestID)
        }
    }
}

/// A call for a link, as it came.
struct IssueRequest: Decodable {
    let ticketNumber: String
    let customerLogin: String
}

/// A call for a link that may be answered with one.
private struct CheckedIssue {
    let ticketNumber: TicketNumber
    let customerLogin: String

    init(_ request: IssueRequest) throws {
        guard let number = TicketNumber(request.ticketNumber) else {
            throw Problem(.badRequest, "ticketNumber is not a ticket number.")
        }
        let login = request.customerLogin.unicodeScalars
        guard (1...200).contains(login.count), login.allSatisfy({ $0.value > 0x1F && $0.value != 0x7F }) else {
            throw Problem(.badRequest, "customerLogin is not the login of a customer user.")
        }
        ticketNumber = number
        customerLogin = request.customerLogin
    }
}

/// What a caller names a call, so that it can be repeated: up to 255 visible ASCII characters.
struct IdempotencyKey {
    let text: String

    /// Nil: the caller gave none.
    init?(_ request: Request) throws {
        let fields = request.headers[values: .idempotencyKey]
        guard let field = fields.first else { return nil }
        guard fields.count == 1, (1...255).contains(field.utf8.count),
            field.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Problem(.badRequest, "The Idempotency-Key is not 1 to 255 visible ASCII characters.") }
        text = field
    }
}

/// A link, in hand.
private struct IssueResponse: Encodable {
    /// Nil when the person has a password and gets the desk's own address.
    let id: String?
    let url: String
    let ticketNumber: String
    let signsIn: Bool
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key") ?? .date
}
