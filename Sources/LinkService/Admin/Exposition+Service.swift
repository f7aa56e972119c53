import LinkStore
import Measurements
import PostgresClient
import TicketSystem

extension Exposition {
    mutating func add(_ desk: DeskStanding) {
        add(.deskBreakerOpen, desk.isLeftAlone ? 1 : 0)
        add(.deskWaiting, Double(desk.waitingCalls))
    }

    mutating func add(_ database: PostgresStatistics) {
        add(.databaseConnections, Double(database.openConnections))
        add(.databaseConnectionLimit, Double(database.connectionLimit))
        add(.databaseInFlight, Double(database.inFlight))
        add(.databaseWaiting, Double(database.waiting))
        add(.databaseWaitTime, database.waited.inSeconds)
        add(.databaseStatements, Double(database.calls))
        add(.databaseReconnects, Double(database.reconnects))
    }

    mutating func add(_ listener: ListenerHealth) {
        add(.listenerConnected, listener.isConnected ? 1 : 0)
        add(.listenerUnproven, listener.isUnproven ? 1 : 0)
        add(.listenerLeaseAge, listener.leaseAge()?.inSeconds)
        add(.listenerConnects, Double(listener.connects))
    }

    mutating func add(_ reading: StoreCountsReader.Reading) {
        add(.readingAge, reading.age?.inSeconds)
        add(.failedReadings, Double(reading.failures))
        guard let counts = reading.counts else { return }
        add(.links, counts.linksByState.map { MetricSample(labels: [$0.key], value: Double($0.value)) })
        add(
            .mails,
            [
                MetricSample(labels: ["queued"], value: Double(counts.queuedMails)),
                MetricSample(labels: ["dead"], value: Double(counts.deadMails)),
            ])
        add(.oldestMailAge, counts.oldestMailAge)
        add(
            .deskEvents,
            [
                MetricSample(labels: ["queued"], value: Double(counts.queuedEvents)),
                MetricSample(labels: ["dead"], value: Double(counts.deadEvents)),
            ])
        add(.oldestDeskEventAge, counts.oldestEventAge)
        add(.openLinkRequests, Double(counts.openLinkRequests))
        add(.oldestLinkRequestAge, counts.oldestLinkRequestAge)
        add(
            .jobLastSuccess,
            counts.jobs.compactMap { job in
                job.lastSuccess.map { MetricSample(labels: [job.job], value: $0.timeIntervalSince1970) }
            })
        add(
            .jobLastFailed,
            counts.jobs.map { MetricSample(labels: [$0.job], value: $0.hasLastRunFailed ? 1 : 0) })
    }

    mutating func add(_ process: ProcessFacts) {
        add(.processStart, process.startTime)
        add(.processCPU, process.cpuSeconds)
        add(.processMemory, process.residentBytes)
        add(.processDescriptors, process.openDescriptors)
    }
}
