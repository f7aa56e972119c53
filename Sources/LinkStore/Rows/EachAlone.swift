/// Does several things one after the other, also after one of them has failed. For cleaning up, where the second has nothing to do with the
/// first.
public struct EachAlone {
    private var failure: (any Error)?

    public init() {}

    /// Does one of them.
    ///
    /// - Returns: nil if it failed.
    public mutating func attempt<Result>(_ work: () async throws -> Result) async -> Result? {
        do {
            return try await work()
        } catch {
            failure = failure ?? error
            return nil
        }
    }

    /// Throws what the first of those threw that failed.
    public func end() throws {
        if let failure { throw failure }
    }
}
