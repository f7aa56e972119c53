import Foundation
import Hummingbird
import Logging
import OneTimeLinks
import PostgresClient
import TestSupport

/// Measures a release build against known things in the same run; prints rates, latencies and ratios. Nothing here passes or
/// fails: machines are noisy.
@main
struct BenchmarkCommand {
    static func main() async throws {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "bare",
            let port = Int(CommandLine.arguments[2])
        {
            try await serveBareRoute(port: port)
            return
        }
        let seconds = Int(ProcessInfo.processInfo.environment["OTALINK_BENCH_SECONDS"] ?? "") ?? 8
        // Disk writes are real: what is answered is on disk, in the service and in pgbench alike.
        let cluster = try await PostgresCluster(settings: ["fsync=on", "synchronous_commit=on", "shared_buffers=256MB"])
        try await cluster.migratedDatabase(migrations: RepositoryRoot.path + "/migrations") { @Sendable database in
            try await Benchmark(database: database, seconds: seconds).run()
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
