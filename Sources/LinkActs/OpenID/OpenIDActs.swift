import LinkStore
import Logging
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

/// The acts of the OpenID Connect provider, made once by whoever starts the service.
public struct OpenIDActs: Sendable {
    public let clients: RelyingParties
    public let keys: ProviderKeys
    public let authenticate: AuthenticateClient
    public let authorize: AuthorizeClient
    public let exchange: ExchangeCode
    public let tellClaims: TellClaims
    public let signOut: EndSessionOfHint

    /// - Parameter issuer: what ID tokens name as `iss`: the base URL, without a slash at its end.
    public init(issuer: String, store: LinkStore, ring: KeyRing, checkSession: CheckSession, logger: Logger) {
        let keys = ProviderKeys(store: store.signingKeys, ring: ring)
        let identify = IdentifyCustomer(issuer: issuer, subjects: store.subjects, keys: keys)
        self.keys = keys
        clients = store.relyingParties
        authenticate = AuthenticateClient(clients: store.relyingParties)
        authorize = AuthorizeClient(store: store, ring: ring, keys: keys, identify: identify)
        exchange = ExchangeCode(
            store: store, ring: ring, checkSession: checkSession, identify: identify, logger: logger)
        tellClaims = TellClaims(store: store, ring: ring, checkSession: checkSession, identify: identify)
        signOut = EndSessionOfHint(store: store, keys: keys, issuer: issuer)
    }
}
