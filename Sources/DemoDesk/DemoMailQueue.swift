/// The desk's queue of outgoing mails, as OTOBO 10.1 and 11 work it: what `sendmail` does not take is tried again, at growing
/// intervals, a number of times, and is then deleted. No code of `sendmail` is told from another.
public struct DemoMailQueue<Mail: Sendable>: Sendable {
    /// The setting `MailQueue` of the desk.
    public struct Settings: Hashable, Sendable {
        /// `ItemMaxAttempts`.
        public var mostAttempts: Int
        /// `IncrementAttemptDelayInMinutes`: the pause after the first attempt; after the second it is twice as long, and so on.
        public var increment: Int

        /// As the desk comes: three attempts, at 0, 2 and 6 minutes.
        public init(mostAttempts: Int = 3, increment: Int = 2) {
            self.mostAttempts = mostAttempts
            self.increment = increment
        }
    }

    private struct Item: Sendable {
        var mail: Mail
        var attempts = 0
        var dueMinute: Int
    }

    public let settings: Settings
    private var items: [Item] = []
    /// What was deleted without having been sent, and in which minute.
    public private(set) var lost: [(mail: Mail, minute: Int)] = []
    /// What `sendmail` took, and in which minute.
    public private(set) var sent: [(mail: Mail, minute: Int)] = []

    public init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    /// The minute of the next attempt; nil: nothing waits.
    public var nextMinute: Int? { items.map(\.dueMinute).min() }

    /// The desk has written a mail.
    public mutating func add(_ mail: Mail, minute: Int) {
        items.append(Item(mail: mail, dueMinute: minute))
    }

    /// What the desk's daemon does once a minute: hands everything that is due to `sendmail`, which answers its exit code.
    public mutating func work(minute: Int, sendmail: (Mail) async throws -> Int32) async rethrows {
        var waiting: [Item] = []
        for var item in items {
            guard item.dueMinute <= minute else {
                waiting.append(item)
                continue
            }
            item.attempts += 1
            if try await sendmail(item.mail) == 0 {
                sent.append((item.mail, minute))
            } else if item.attempts >= settings.mostAttempts {
                lost.append((item.mail, minute))
            } else {
                item.dueMinute = minute + item.attempts * settings.increment
                waiting.append(item)
            }
        }
        items = waiting
    }
}
