import Foundation
import TestSupport

/// The program of the previous release, which `make test-upgrade` builds. Without it the suites that need it are skipped.
enum PreviousRelease {
    static let program = ProcessInfo.processInfo.environment["OTALINK_PREVIOUS_PROGRAM"] ?? ""
    static let isHere = FileManager.default.isExecutableFile(atPath: program)
}

/// Two replicas of this release, and one of the previous release, over one database with the schema of this release.
///
/// - Parameter body: gets the addresses of a replica of each.
func withBothReleases(
    _ settings: [String: String] = [:],
    _ body: @escaping @Sendable (Deployment, _ old: String, _ new: String) async throws -> Void
) async throws {
    try await withDeployment(settings: settings) { (deployment) async throws in
        try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
            (replicas) async throws in
            try await body(deployment, replicas[0].url, deployment.replicas[0].url)
        }
    }
}

extension Deployment {
    /// Runs a command of the previous release.
    func previous(_ arguments: [String], input: Data = Data()) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            PreviousRelease.program, arguments, environment: environment, input: input
        ).finished()
    }

    /// Ends the two replicas of this release that every deployment has.
    func endReplicas() async {
        for replica in replicas { replica.process.terminate() }
        for replica in replicas { _ = await replica.process.finished() }
    }

    /// Waits until a question to the database has this answer.
    func until(_ question: String, is answer: String) async throws {
        while try await database.psql(question) != answer { try await giveWay() }
    }
}
