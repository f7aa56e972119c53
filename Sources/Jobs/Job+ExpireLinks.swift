import Logging
import OneTimeLinks
import TicketSystem

extension Job {
    /// The job of `Daemon::SchedulerCronTaskManager::Task###DeleteExpiredOTATokens`.
    public static func expireLinks(
        desk: any TicketSystem, settings: @escaping @Sendable () -> Settings, logger: Logger
    ) -> Job {
        Job(
            name: "expire-links", lock: 0x6f74_6165_7870_6972, schedule: { settings().deleteExpiredSchedule },
            work: { connection in
                let expire = ExpireLinks(desk: desk, settings: settings().link, logger: logger)
                return try await expire(on: connection).description
            })
    }
}
