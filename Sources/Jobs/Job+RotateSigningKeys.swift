import OneTimeLinks

extension Job {
    /// The session-level advisory lock of whoever changes signing keys: the job, or an operator.
    public static let signingKeyLock: Int64 = 0x6f74_616b_6579_7321

    /// Nightly, since a key that comes late is late by a day at the most: the one before it signs on.
    private static let nightly = CronSchedule("30 3 * * *")

    /// The rotation of the keys that sign ID tokens.
    public static func rotateSigningKeys(ring: KeyRing, settings: @escaping @Sendable () -> Settings) -> Job {
        Job(
            name: "rotate-signing-keys", lock: signingKeyLock, schedule: { nightly },
            work: { connection in
                try await RotateSigningKeys(ring: ring, settings: settings())(on: connection).description
            })
    }
}
