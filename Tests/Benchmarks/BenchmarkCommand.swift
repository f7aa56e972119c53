import DemoDesk
import Foundation
import Hummingbird
import Logging
import OneTimeLinks
import PostgresClient
import SMTPSink
import TestSupport

/// Measures a release build against known things in the same run; prints rates, latencies and ratios. Nothing here passes or
/// fails: machines are noisy.
@main
struct BenchmarkCommand {
    static func main() async throws {
        if CommandLine.arguments.count == 3, let port = Int(CommandLine.arguments[2]) {
            switch CommandLine.arguments[1] {
            case "bare": return try await serveBareRoute(port: port)
            case "sink": return try await serveSink(port: port)
            case "desk": return try await serveDesk(port: port)
            default: break
            }
        }
        let seconds = Int(ProcessInfo.processInfo.environment["OTALINK_BENCH_SECONDS"] ?? "") ?? 8
        // Disk writes are real: what is answered is on disk, in the service and in pgbench alike.
        let cluster = try await PostgresCluster(settings: ["fsync=on", "synchronous_commit=on", "shared_buffers=256MB"])
        let migrations = RepositoryRoot.path + "/migrations"
        let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-bench-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let wanted = CommandLine.arguments.dropFirst().first
        if wanted == nil || wanted == "links" {
            try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
                try await Benchmark(database: database, seconds: seconds).run()
            }
        }
        if wanted == nil || wanted == "audit" {
            try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
                try await AuditIndexBenchmark(database: database, seconds: seconds, directory: directory).run()
            }
        }
        if wanted == nil || wanted == "sessions" {
            try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
                try await SessionBenchmark(database: database, seconds: seconds, directory: directory).run()
            }
        }
        if wanted == nil || wanted == "nightly" {
            try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
                try await NightlyBenchmark(database: database, directory: directory).run()
            }
        }
        if wanted == "large" {
            try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
                try await LargeBenchmark(database: database, seconds: seconds, directory: directory).run()
            }
        }
        guard wanted == nil || wanted == "mail" else { return }
        try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
            try await InboundBenchmark(
                database: database, program: ServiceUnderTest.program("otalink"), directory: directory
            ).run()
        }
        try await cluster.migratedDatabase(migrations: migrations) { @Sendable database in
            try await OutgoingBenchmark(database: database, directory: directory).run()
        }
    }

    /// A mail server that takes everything and keeps little of it.
    private static func serveSink(port: Int) async throws {
        let sink = SMTPSink(
            host: "127.0.0.1", port: port, options: SMTPSinkOptions(), script: SMTPScript(), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sink.run() }
            _ = try await sink.boundPort
            print("ready")
            fflush(nil)
            try await group.waitForAll()
        }
    }

    /// A desk with the tickets of the nightly job.
    private static func serveDesk(port: Int) async throws {
        let desk = DemoDesk(
            configuration: DemoDeskConfiguration(agents: [.init(login: "bench", password: "bench")]), port: port,
            logger: .quiet)
        for number in 1...NightlyBenchmark.tickets { await desk.state.seed(NightlyBenchmark.deskTicket(number)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            _ = await desk.boundPort
            print("ready")
            fflush(nil)
            try await group.waitForAll()
        }
    }

    /// What the HTTP library does when there is nothing to do.
    private static func serveBareRoute(port: Int) async throws {
        let router = Router()
        router.get("/") { _, _ in "ok" }
        // As many bytes as an answer page has.
        let page = ByteBuffer(repeating: UInt8(ascii: "x"), count: 6_500)
        router.get("/page") { _, _ in Response(status: .ok, body: .init(byteBuffer: page)) }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in
                print("ready")
                fflush(nil)
            },
            logger: .quiet)
        try await application.runService()
    }
}
