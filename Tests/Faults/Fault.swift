import Foundation
import TestSupport

/// One kind of fault: does it to an installation under load, and counts.
protocol Fault: Sendable {
    /// Its number, from 1 to 9, which names it on the command line.
    static var number: Int { get }

    init()

    /// A row of the table for each way in which it is done.
    func rows(_ campaign: Campaign) async throws -> [FaultRow]
}

/// What all faults of a run share.
struct Campaign: Sendable {
    /// For all faults that need no cluster of their own.
    let cluster: PostgresCluster
    /// Fewer rounds, for every change of the program.
    let isShort: Bool
    let seed: UInt64

    /// Random numbers that are the same for the same seed and fault.
    func random(for fault: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &* 100 &+ UInt64(fault))
    }

    /// Does the fault while the load runs, and reckons up afterwards.
    ///
    /// - Parameter fault: returns remarks for the row.
    func row(
        _ number: Int, _ name: String, _ installation: Installation, adjust: (inout Workload) -> Void = { _ in },
        fault: @escaping @Sendable (Workload) async throws -> [Remark]
    ) async throws -> FaultRow {
        var workload = Workload(installation: installation, seed: seed &+ UInt64(abs(name.hashValueOfText % 10_000)))
        adjust(&workload)
        let load = workload
        let repeatsBefore = await Arrivals.read(installation).repeats
        let remarks = try await load.run { try await fault(load) }
        let reckoning = try await Reckoning.make(
            of: load.ledger, in: installation, repeatsBefore: repeatsBefore)
        return FaultRow(number, name, of: load.ledger, reckoning, remarks: remarks)
    }
}

/// What a fault has to say beside its figures.
enum Remark: Sendable {
    case note(String)
    /// Something that should not be.
    case complaint(String)
    /// How long something took that was promised within a limit; only tenfold is a complaint, since machines are busy.
    case time(String, Duration, promised: Duration)
}

/// One line of the table.
struct FaultRow: Sendable {
    let number: Int
    let name: String
    var tried = 0
    var answered = 0
    var kept = 0
    var lost = 0
    var doubled = 0
    var repeatedMails = 0
    var longestOutage: Duration = .zero
    /// What else there is to say.
    var remarks: [String] = []
    /// What went wrong beside lost and doubled promises.
    var complaints: [String] = []
    /// Why it was not done; nil: it was.
    var skipped: String?

    init(_ number: Int, _ name: String) {
        self.number = number
        self.name = name
    }

    static func skipped(_ number: Int, _ name: String, _ reason: String) -> FaultRow {
        var row = FaultRow(number, name)
        row.skipped = reason
        return row
    }

    init(_ number: Int, _ name: String, of ledger: Ledger, _ reckoning: Reckoning, remarks: [Remark]) {
        self.init(number, name)
        tried = ledger.attempts
        answered = ledger.promises.count
        (kept, lost, doubled) = (reckoning.kept, reckoning.lost, reckoning.doubled)
        repeatedMails = reckoning.repeatedMails
        longestOutage = ledger.longestOutage
        complaints = reckoning.findings
        for remark in remarks { add(remark) }
        for (answer, count) in ledger.wrongAnswers { complaints.append("\(count) times answered wrongly: \(answer)") }
        if ledger.givenUp > 0 { complaints.append("\(ledger.givenUp) operations were never answered") }
        if answered == 0 { complaints.append("nothing was answered at all") }
    }

    mutating func add(_ remark: Remark) {
        switch remark {
        case .note(let text): remarks.append(text)
        case .complaint(let text): complaints.append(text)
        case .time(let what, let duration, let limit):
            remarks.append("\(what): \(duration.text), promised \(limit.text)")
            if duration > limit * 10 { complaints.append("\(what) took \(duration.text), promised was \(limit.text)") }
        }
    }

    var isGood: Bool { lost == 0 && doubled == 0 && complaints.isEmpty }
}

extension Duration {
    /// Seconds with two places, such as "0.35 s".
    var text: String {
        String(format: "%.2f s", Double(components.seconds) + Double(components.attoseconds) / 1e18)
    }
}

extension String {
    /// The same at every run, unlike `hashValue`.
    var hashValueOfText: Int { utf8.reduce(5381) { ($0 &* 33 &+ Int($1)) & 0x7fff_ffff } }
}
