import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OpenIDProvider

/// Where clients exchange a code for tokens (OpenID Connect Core, 3.1.3).
struct TokenEndpoint: Sendable {
    /// A form is at most so long, in bytes.
    private static let longestForm = 16_384

    private let service: LinkServiceDependencies
    private let acts: OpenIDActs
    /// Wrong secrets, by client address and client.
    private let limit: GuessLimit

    init(service: LinkServiceDependencies, acts: OpenIDActs, guesses: GuessLimit) {
        self.service = service
        self.acts = acts
        limit = guesses
    }

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.post(RouterPath(OpenIDController.tokenPath), use: exchange)
    }

    @Sendable func exchange(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let type = request.headers[.contentType]?.lowercased() ?? ""
        guard let body = try? await request.body(upTo: Self.longestForm),
            type.hasPrefix("application/x-www-form-urlencoded"),
            let form = FormParameters(encoded: String(buffer: body)),
            form.repeatedName == nil
        else { throw TokenError.invalidRequest }
        guard let shown = ClientAuthentication(authorization: request.headers[.authorization], form: form) else {
            throw TokenError.invalidClient
        }
        let facts = context.facts(request)
        let (address, account) = (facts.clientAddress ?? "", " " + shown.clientID)
        let allowed = service.settings().wrongTokensPerClientAndMinute
        if let seconds = limit.secondsToWait(address, to: account, limit: allowed) {
            throw OAuthFailure.limited(retryAfter: seconds)
        }
        guard let client = try await acts.authenticate(shown) else {
            limit.count(address, to: account)
            context.logger.warning("A client showed no good secret; see: otalink oidc client list")
            throw TokenError.invalidClient
        }
        let tokens = try await acts.exchange(
            try TokenRequest(form: form), client: client, settings: service.settings(), context: facts)
        context.logger.info("A client got its tokens", metadata: ["client": "\(client.party.id)"])
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store", .pragma: "no-cache"],
            body: .init(byteBuffer: ByteBuffer(data: try ProviderDocument.encode(Answer(tokens)))))
    }

    /// The answer of RFC 6749, 5.1, and the ID token.
    private struct Answer: Encodable {
        let accessToken: String
        let tokenType = "Bearer"
        let expiresIn: Int
        let idToken: String
        let scope: String

        init(_ tokens: GrantedTokens) {
            accessToken = tokens.accessToken
            expiresIn = tokens.expiresIn
            idToken = tokens.idToken
            scope = tokens.scopes.sorted().joined(separator: " ")
        }

        enum CodingKeys: String, CodingKey {
            case scope
            case accessToken = "access_token"
            case tokenType = "token_type"
            case expiresIn = "expires_in"
            case idToken = "id_token"
        }
    }
}

extension ClientAuthentication {
    /// Whom the request names, for counting; a name that nobody has counts as none.
    fileprivate var clientID: String {
        let id: String? =
            switch self {
            case .secret(let readings): readings.first?.clientID
            case .none(let clientID): clientID
            }
        return id.flatMap { ClientName.isAcceptable($0) ? $0 : nil } ?? ""
    }
}

extension HTTPField.Name {
    static let pragma = Self("Pragma") ?? .date
}
