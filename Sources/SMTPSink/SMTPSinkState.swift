/// What has happened to a sink so far.
struct SMTPSinkState: Sendable {
    /// The port, or why there is none; nil until the sink listens.
    var port: Result<Int, any Error>?

    private(set) var mails: [ReceivedMail] = []
    /// How many mails have come in all; the oldest may be forgotten.
    private(set) var mailCount = 0
    private var lastNumber = 0

    private(set) var connections = 0
    private(set) var openConnections = 0
    private(set) var stepsReached: [SMTPScript.Step: Int] = [:]

    private(set) var script: SMTPScript
    private var connectionsSinceScript = 0
    /// Connections that pause may go on when this is more than it was when they were made.
    private(set) var resumptions = 0

    init(script: SMTPScript) {
        self.script = script
    }

    /// A number for a mail that is about to be added, from 1 on.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func add(_ mail: ReceivedMail, keeping maximum: Int) {
        mailCount += 1
        mails.append(mail)
        if mails.count > maximum { mails.removeFirst() }
    }

    func firstMail(after number: Int, where matches: (ReceivedMail) -> Bool) -> ReceivedMail? {
        let forgotten = mailCount - mails.count
        return mails.dropFirst(max(0, number - forgotten)).first(where: matches)
    }

    mutating func follow(_ script: SMTPScript) {
        self.script = script
        connectionsSinceScript = 0
        stepsReached = [:]
    }

    mutating func reach(_ step: SMTPScript.Step) {
        stepsReached[step, default: 0] += 1
    }

    mutating func resume() {
        resumptions += 1
    }

    /// The script for one more connection, and how often the sink has been resumed so far.
    mutating func openConnection() -> (SMTPScript, resumptions: Int) {
        connections += 1
        connectionsSinceScript += 1
        openConnections += 1
        var script = script
        if let limit = script.faultyConnections, connectionsSinceScript > limit {
            script.faults = [:]
            script.refusedRecipients = [:]
        }
        return (script, resumptions)
    }

    mutating func closeConnection() {
        openConnections -= 1
    }
}
