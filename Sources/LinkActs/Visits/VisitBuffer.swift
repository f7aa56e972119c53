import Foundation
import LinkStore
import OneTimeLinks

/// How much of the visits of links is written down, so that a flood of them fills no disk.
public struct VisitLimits: Sendable, Hashable {
    /// Of one link within an hour, people and scanners each.
    public var perLink = 20
    /// Of all links within an hour, on one replica.
    public var perHour = 20_000
    /// That wait to be written at one time.
    public var waiting = 2_000

    /// Those of the service: with them a replica adds a hundred megabytes a day at the very most.
    public init() {}
}

/// Visits that wait to be written. A value without a clock of its own.
struct VisitBuffer {
    private struct Entry {
        let visit: LinkVisit
        let at: ContinuousClock.Instant
    }

    private struct Kind: Hashable {
        let link: UUID
        let isScanner: Bool
    }

    private let limits: VisitLimits
    private var waiting: [Entry] = []
    private var hourBegan: ContinuousClock.Instant
    private var counts: [Kind: Int] = [:]
    private var total = 0
    private var leftOut = 0

    init(limits: VisitLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        hourBegan = now
    }

    /// Takes a visit, unless there were too many.
    mutating func add(_ visit: LinkVisit, at now: ContinuousClock.Instant) {
        if now - hourBegan >= .seconds(3600) {
            hourBegan = now
            counts.removeAll(keepingCapacity: true)
            total = 0
        }
        let isScanner = if case .scanner = visit.visitor { true } else { false }
        let kind = Kind(link: visit.link, isScanner: isScanner)
        guard waiting.count < limits.waiting, total < limits.perHour, counts[kind, default: 0] < limits.perLink else {
            leftOut += 1
            return
        }
        counts[kind, default: 0] += 1
        total += 1
        waiting.append(Entry(visit: visit, at: now))
    }

    /// Hands out what waits, each with its age in seconds, and how many were left out since the last time.
    mutating func take(at now: ContinuousClock.Instant) -> (visits: [(visit: LinkVisit, age: Double)], leftOut: Int) {
        defer {
            waiting.removeAll(keepingCapacity: true)
            leftOut = 0
        }
        return (waiting.map { ($0.visit, ($0.at.duration(to: now)) / .seconds(1)) }, leftOut)
    }

    /// Takes back what could not be written, as far as there is room.
    mutating func giveBack(_ visits: [(visit: LinkVisit, age: Double)], at now: ContinuousClock.Instant) {
        let room = max(0, limits.waiting - waiting.count)
        leftOut += max(0, visits.count - room)
        waiting.insert(
            contentsOf: visits.prefix(room).map { Entry(visit: $0.visit, at: now - .seconds($0.age)) }, at: 0)
    }
}
