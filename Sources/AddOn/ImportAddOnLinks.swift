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
                let link = try record.link(times: times)
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
        for (outcome, place) in zip(outcomes, wanted.map(\.place)) {
            switch outcome {
            case .imported: report.imported += 1
            case .alreadyThere: report.alreadyThere += 1
            case .customerUnknown: report.refuse(.customerUnknown, at: place)
            }
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
    public internal(set) var imported = 0
    public internal(set) var alreadyThere = 0
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
                + "\(refused.values.reduce(0) { $0 + $1.count }) refused"
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
