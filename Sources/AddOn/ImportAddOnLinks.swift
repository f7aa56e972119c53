import Foundation
import LinkStore
import OneTimeLinks
import TicketSystem

/// The act of importing links of the old add-on. Safe to repeat: what is there already stays as it is, so a run that was
/// interrupted goes on by being run again.
public struct ImportAddOnLinks {
    /// What has come of the rows so far.
    public private(set) var report: AddOnImportReport

    private let links: AddOnLinks
    private let times: DeskTimeFormat
    private let asSuperseded: Bool
    private let actor: String
    /// The beginnings of the hashes of new tokens, so that a dry run too sees which come twice.
    private var seen: Set<UInt64> = []
    /// The newest link of this run that becomes active, for each person and ticket.
    private var newest: [Pair: Int64] = [:]

    /// Compared byte for byte, as the database does.
    private struct Pair: Hashable {
        let ticketNumber: TicketNumber
        let customerLogin: [UInt8]
    }

    /// - Parameters:
    ///   - zone: of the times in the table.
    ///   - isDryRun: says what would happen, and changes nothing.
    ///   - asSuperseded: none of the links signs in; a click on one mails a fresh one.
    ///   - actor: who imports, for the audit trail.
    public init(links: AddOnLinks, zone: TimeZone, isDryRun: Bool, asSuperseded: Bool, actor: String) {
        self.links = links
        times = DeskTimeFormat(timeZone: zone)
        self.asSuperseded = asSuperseded
        self.actor = actor
        report = AddOnImportReport(isDryRun: isDryRun)
    }

    /// Imports what these rows stand for, in one transaction.
    public mutating func take(_ records: [AddOnRecord]) async throws {
        var wanted: [(link: AddOnLink, place: AddOnRecord.Place)] = []
        report.read += records.count
        for record in records {
            do {
                guard let link = try record.link(times: times) else {
                    report.expired += 1
                    continue
                }
                if seen.insert(Self.beginning(of: link.token.hash)).inserted {
                    wanted.append((link, record.place))
                } else {
                    report.alreadyThere += 1
                }
            } catch {
                report.refuse(error, at: record.place)
            }
        }
        guard !wanted.isEmpty else { return }
        let new = wanted.map(\.link)
        let outcomes =
            report.isDryRun
            ? try await links.look(at: new)
            : try await links.add(new, asSuperseded: asSuperseded, actor: actor)
        for (outcome, (link, place)) in zip(outcomes, wanted) {
            switch outcome {
            case .imported(let hasNewer): count(link, hasNewer: hasNewer)
            case .alreadyThere: report.alreadyThere += 1
            case .customerUnknown: report.refuse(.customerUnknown, at: place)
            }
        }
    }

    /// Counts an imported link by what becomes of it, as the statements of the import have it; a newer one of a later portion takes the
    /// place of an older one.
    private mutating func count(_ link: AddOnLink, hasNewer: Bool) {
        if link.usedAt != nil {
            report.used += 1
            return
        }
        let pair = Pair(ticketNumber: link.ticketNumber, customerLogin: Array(link.customerLogin.utf8))
        if asSuperseded || hasNewer || newest[pair].map({ $0 > link.sequence }) == true {
            report.superseded += 1
        } else if newest.updateValue(link.sequence, forKey: pair) == nil {
            report.active += 1
        } else {
            report.superseded += 1
        }
    }

    private static func beginning(of hash: [UInt8]) -> UInt64 {
        hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// What came of the rows of the add-on.
public struct AddOnImportReport: Sendable, Hashable, Encodable {
    /// Rows that were refused for one reason.
    public struct Refused: Sendable, Hashable, Encodable {
        public var count = 0
        /// Where the first ones stood.
        public var places: [AddOnRecord.Place] = []
    }

    /// True: nothing was changed.
    public let isDryRun: Bool
    public internal(set) var read = 0
    /// Links that were made: the active, the superseded and the used ones.
    public private(set) var imported = 0
    public internal(set) var active = 0 { didSet { imported += active - oldValue } }
    public internal(set) var superseded = 0 { didSet { imported += superseded - oldValue } }
    public internal(set) var used = 0 { didSet { imported += used - oldValue } }
    public internal(set) var alreadyThere = 0
    /// Rows that the add-on itself takes for expired; no link is made of them.
    public internal(set) var expired = 0
    /// By reason.
    public private(set) var refused: [String: Refused] = [:]

    /// How many places of a reason are kept.
    public static let places = 10

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    mutating func refuse(_ reason: AddOnRefusal, at place: AddOnRecord.Place) {
        refused[reason.rawValue, default: Refused()].count += 1
        if refused[reason.rawValue, default: Refused()].places.count < Self.places {
            refused[reason.rawValue, default: Refused()].places.append(place)
        }
    }
}

extension AddOnImportReport: CustomStringConvertible {
    /// For people.
    public var description: String {
        var lines = [
            "\(read) rows: \(imported) \(isDryRun ? "would be imported" : "imported"), \(alreadyThere) already there, "
                + "\(expired) expired, \(refused.values.reduce(0) { $0 + $1.count }) refused",
            "imported: \(active) active, \(superseded) superseded, \(used) used",
        ]
        for reason in AddOnRefusal.allCases {
            guard let rows = refused[reason.rawValue] else { continue }
            let places = rows.places.map(\.description).joined(separator: "; ")
            let more = rows.count > rows.places.count ? "; ..." : ""
            lines.append("  \(rows.count) because \(reason.explanation): \(places)\(more)")
        }
        return lines.joined(separator: "\n")
    }
}
