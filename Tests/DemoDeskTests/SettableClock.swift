import DemoDesk
import Foundation
import Synchronization

/// A time of day that stands still until it is set.
final class SettableClock: Sendable {
    private let time: Mutex<Date>

    init(_ time: Date) { self.time = Mutex(time) }

    var now: Date { time.withLock { $0 } }

    func set(_ time: Date) { self.time.withLock { $0 = time } }
}

/// The events that a desk announced, in order.
final class EventLog: Sendable {
    private let events = Mutex<[DemoDeskEvent]>([])

    var all: [DemoDeskEvent] { events.withLock { $0 } }

    func append(_ event: DemoDeskEvent) { events.withLock { $0.append(event) } }
}
