extension MetricDefinition {
    /// All metrics, in the order of the documentation.
    public static let all: [MetricDefinition] = requests + desk + database + stored + process

    private static let requests = [
        httpRequests, httpRequestDuration, redemptions, limited, cutConnections,
    ]
    private static let desk = [deskCalls, deskCallDuration, deskBreakerOpen, deskWaiting]
    private static let database = [
        databaseConnections, databaseConnectionLimit, databaseInFlight, databaseWaiting, databaseWaitTime,
        databaseStatements, databaseReconnects, listenerConnected, listenerUnproven, listenerLeaseAge, listenerConnects,
    ]
    private static let stored = [
        links, mails, oldestMailAge, deskEvents, oldestDeskEventAge, openLinkRequests, oldestLinkRequestAge,
        jobLastSuccess,
        jobLastFailed, readingAge, failedReadings,
    ]
    private static let process = [processStart, processCPU, processMemory, processDescriptors]

    // MARK: Requests

    public static let httpRequests = MetricDefinition(
        "otalink_http_requests_total", .counter, labels: ["method", "route", "status"],
        "Requests answered, by route template; a path is no label, since paths hold tokens.")
    public static let httpRequestDuration = MetricDefinition(
        "otalink_http_request_duration_seconds", .histogram, labels: ["method", "route"],
        "Time from the head of a request to its answer.")
    public static let redemptions = MetricDefinition(
        "otalink_redemptions_total", .counter, labels: ["answer"],
        "Buttons of links that were pressed, by what was answered.")
    public static let limited = MetricDefinition(
        "otalink_limited_total", .counter, labels: ["limit"],
        "Requests refused with 429, by the limit that was reached.")

    public static let cutConnections = MetricDefinition(
        "otalink_cut_connections_total", .counter, labels: ["part"],
        "Connections cut because the client sent its request, or took its answer, too slowly.")

    // MARK: The desk

    public static let deskCalls = MetricDefinition(
        "otalink_desk_calls_total", .counter, labels: ["operation", "outcome"],
        "Calls of the desk's web service, by how they ended.")
    public static let deskCallDuration = MetricDefinition(
        "otalink_desk_call_duration_seconds", .histogram, labels: ["operation"],
        "Time of calls of the desk's web service, the wait for a turn included.")
    public static let deskBreakerOpen = MetricDefinition(
        "otalink_desk_breaker_open", .gauge, "1 while the desk failed so often that it is left alone.")
    public static let deskWaiting = MetricDefinition(
        "otalink_desk_waiting_calls", .gauge, "Calls that wait for their turn at the desk.")

    // MARK: The database

    public static let databaseConnections = MetricDefinition(
        "otalink_database_connections", .gauge, "Open connections of the pool.")
    public static let databaseConnectionLimit = MetricDefinition(
        "otalink_database_connections_limit", .gauge, "Connections that the pool may open.")
    public static let databaseInFlight = MetricDefinition(
        "otalink_database_in_flight", .gauge, "Statements, or batches of them, sent and not answered.")
    public static let databaseWaiting = MetricDefinition(
        "otalink_database_waiting_calls", .gauge, "Calls that wait for a connection.")
    public static let databaseWaitTime = MetricDefinition(
        "otalink_database_wait_seconds_total", .counter,
        "Time that calls have waited for a connection, all taken together.")
    public static let databaseStatements = MetricDefinition(
        "otalink_database_calls_total", .counter, "Calls that were given to the pool.")
    public static let databaseReconnects = MetricDefinition(
        "otalink_database_reconnects_total", .counter, "Lost connections that were replaced.")
    public static let listenerConnected = MetricDefinition(
        "otalink_listener_connected", .gauge, "1 while this replica hears of revocations.")
    public static let listenerUnproven = MetricDefinition(
        "otalink_listener_unproven", .gauge,
        "1 while the listening connection reaches a database and does not hear what is committed, as behind a pooler in transaction mode; then this replica keeps no sessions in memory and runs no jobs."
    )
    public static let listenerLeaseAge = MetricDefinition(
        "otalink_listener_lease_age_seconds", .gauge,
        "Time since the last round trip on the listening connection was sent; beyond one second no remembered session counts."
    )
    public static let listenerConnects = MetricDefinition(
        "otalink_listener_connects_total", .counter, "How often the listening connection was made.")

    // MARK: What is stored

    public static let links = MetricDefinition("otalink_links", .gauge, labels: ["state"], "Links by state.")
    public static let mails = MetricDefinition(
        "otalink_mails", .gauge, labels: ["state"], "Mails that wait (queued) or were given up (dead).")
    public static let oldestMailAge = MetricDefinition(
        "otalink_mail_oldest_queued_seconds", .gauge, "Age of the oldest mail that waits; 0: none does.")
    public static let deskEvents = MetricDefinition(
        "otalink_desk_events", .gauge, labels: ["state"],
        "Events of the desk that wait (queued) or were given up (dead).")
    public static let oldestDeskEventAge = MetricDefinition(
        "otalink_desk_event_oldest_queued_seconds", .gauge,
        "Age of the oldest event of the desk that waits; 0: none does.")
    public static let openLinkRequests = MetricDefinition(
        "otalink_link_wishes", .gauge, "Link requests that nobody has looked up yet.")
    public static let oldestLinkRequestAge = MetricDefinition(
        "otalink_link_wish_oldest_seconds", .gauge, "Age of the oldest of these link requests; 0: there is none.")
    public static let jobLastSuccess = MetricDefinition(
        "otalink_job_last_success_timestamp_seconds", .gauge, labels: ["task"], "When a scheduled job last ended well.")
    public static let jobLastFailed = MetricDefinition(
        "otalink_job_last_run_failed", .gauge, labels: ["task"], "1 if the last run of a scheduled job failed.")
    public static let readingAge = MetricDefinition(
        "otalink_stored_values_age_seconds", .gauge, "Age of the values about what is stored.")
    public static let failedReadings = MetricDefinition(
        "otalink_stored_values_failures_total", .counter, "How often these values could not be read.")

    // MARK: The process

    public static let processStart = MetricDefinition(
        "process_start_time_seconds", .gauge, "When the replica was started.")
    public static let processCPU = MetricDefinition(
        "process_cpu_seconds_total", .counter, "Processor time of the replica, in user and system mode.")
    public static let processMemory = MetricDefinition(
        "process_resident_memory_bytes", .gauge, "Memory of the replica that is resident.")
    public static let processDescriptors = MetricDefinition(
        "process_open_fds", .gauge, "Open file descriptors of the replica.")
}
