import LinkStore

/// What OpenID Connect keeps.
extension LinkStore {
    public var relyingParties: RelyingParties { RelyingParties(client: client) }
    public var authorizationCodes: AuthorizationCodes { AuthorizationCodes(client: client) }
    public var subjects: Subjects { Subjects(client: client) }
    public var signingKeys: SigningKeys { SigningKeys(client: client) }
}
