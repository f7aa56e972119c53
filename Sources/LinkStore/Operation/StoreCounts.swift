import Foundation
import PostgresClient

/// What is stored, in numbers, for those who watch over the service.
public struct StoreCounts: Sendable, Hashable {
    /// How a job fared.
    public struct JobStanding: Sendable, Hashable {
        public var job: String
        /// When a run of it last ended well; nil: none ever did.
        public var lastSuccess: Date?
        public var hasLastRunFailed: Bool

        public init(job: String, lastSuccess: Date?, hasLastRunFailed: Bool) {
            self.job = job
            self.lastSuccess = lastSuccess
            self.hasLastRunFailed = hasLastRunFailed
        }
    }

    /// States without a link are not in it.
    public var linksByState: [String: Int]
    public var queuedMails: Int
    public var deadMails: Int
    /// In seconds; 0: none waits.
    public var oldestMailAge: Double
    /// Of the desk, that wait.
    public var queuedEvents: Int
    public var deadEvents: Int
    /// In seconds; 0: none waits.
    public var oldestEventAge: Double
    public var openLinkRequests: Int
    /// In seconds; 0: there is none.
    public var oldestLinkRequestAge: Double
    public var jobs: [JobStanding]

    public init(
        linksByState: [String: Int], queuedMails: Int, deadMails: Int, oldestMailAge: Double,
        queuedEvents: Int = 0, deadEvents: Int = 0, oldestEventAge: Double = 0, openLinkRequests: Int,
        oldestLinkRequestAge: Double,
        jobs: [JobStanding]
    ) {
        self.linksByState = linksByState
        self.queuedMails = queuedMails
        self.deadMails = deadMails
        self.oldestMailAge = oldestMailAge
        self.queuedEvents = queuedEvents
        self.deadEvents = deadEvents
        self.oldestEventAge = oldestEventAge
        self.openLinkRequests = openLinkRequests
        self.oldestLinkRequestAge = oldestLinkRequestAge
        self.jobs = jobs
    }
}

/// Counts what is stored. Links are counted one by one, which takes its time where there are millions: not for every day's requests.
public struct StoreCounting: Sendable {
    let client: PostgresClient

    /// - Parameter deadline: for each statement; nil: as the client has it.
    public func read(deadline: Duration? = nil) async throws -> StoreCounts {
        let queues = try await client.query(CountSQL.queues, deadline: deadline).only()
        let jobs = try await client.query(CountSQL.jobs, deadline: deadline).map { row in
            StoreCounts.JobStanding(
                job: try row.decode("job"), lastSuccess: try row.decode("last_success"),
                hasLastRunFailed: try row.decode("has_failed"))
        }
        let links = try await client.query(CountSQL.links, deadline: deadline).map {
            try $0.decode(String.self, Int.self)
        }
        return StoreCounts(
            linksByState: Dictionary(links, uniquingKeysWith: +), queuedMails: try queues.decode("queued_mails"),
            deadMails: try queues.decode("dead_mails"), oldestMailAge: try queues.decode("oldest_mail"),
            queuedEvents: try queues.decode("queued_events"), deadEvents: try queues.decode("dead_events"),
            oldestEventAge: try queues.decode("oldest_event"),
            openLinkRequests: try queues.decode("open_requests"),
            oldestLinkRequestAge: try queues.decode("oldest_request"), jobs: jobs)
    }
}

enum CountSQL {
    static let links = Statement(
        "count.links", repeatable: true, "SELECT state, count(*) FROM otalink.link GROUP BY state")

    /// Each part finds its rows in a partial index.
    static let queues = Statement(
        "count.queues", repeatable: true,
        """
        SELECT mail.queued AS queued_mails, dead.count AS dead_mails, request.open AS open_requests,
               event.queued AS queued_events, dead_event.count AS dead_events,
               COALESCE(EXTRACT(epoch FROM now() - mail.oldest), 0)::double precision AS oldest_mail,
               COALESCE(EXTRACT(epoch FROM now() - event.oldest), 0)::double precision AS oldest_event,
               COALESCE(EXTRACT(epoch FROM now() - request.oldest), 0)::double precision AS oldest_request
          FROM (SELECT count(*) AS queued, min(created_at) AS oldest
                  FROM otalink.mail_outbox
                 WHERE state = 'queued') AS mail
         CROSS JOIN (SELECT count(*) FROM otalink.mail_outbox WHERE state = 'dead') AS dead
         CROSS JOIN (SELECT count(*) AS queued, min(created_at) AS oldest
                       FROM otalink.desk_event
                      WHERE state = 'queued') AS event
         CROSS JOIN (SELECT count(*) FROM otalink.desk_event WHERE state = 'dead') AS dead_event
         CROSS JOIN (SELECT count(*) AS open, min(created_at) AS oldest
                       FROM otalink.link_request
                      WHERE finished_at IS NULL) AS request
        """)

    static let jobs = Statement(
        "count.jobs", repeatable: true,
        """
        SELECT job, max(finished_at) FILTER (WHERE outcome = 'done') AS last_success,
               COALESCE((array_agg(outcome ORDER BY due_at DESC) FILTER (WHERE finished_at IS NOT NULL))[1] = 'failed', false)
               AS has_failed
          FROM otalink.job_run
         GROUP BY job
        """)
}
