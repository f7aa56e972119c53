import Dispatch
import LongWork
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("Large ticket pages", .timeLimit(.minutes(10)))
struct LargePageTests {
    @Test("A large page is made apart from other requests: without a place there it is 503, and small pages go on")
    func overload() async throws {
        try await withReplicas { replicas, desk, _ in
            var dependencies = try dependencies(replicas[0], desk)
            let work = LongWork(threads: 1, places: 0)
            dependencies.longWork = work
            try await serving(dependencies) { service in
                let browser = Browser(client: service.client, base: service.url)
                let signedIn = try await browser.press(try await browser.get("/l/\(try await replicas[0].token())"))
                #expect(signedIn.status == 303)
                desk.change { $0.articles[0].text = String(repeating: "http://a.b ", count: 20_000) }
                // The only thread is busy.
                let signal = DispatchSemaphore(value: 0)
                let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
                let busy = Task {
                    try await work.run(size: LongWork.smallest) {
                        continuation.yield()
                        signal.wait()
                    }
                }
                for await _ in begun.prefix(1) {}
                let refused = try await browser.get("/t/2026112510000018")
                #expect(refused.status == 503 && refused.header("Retry-After") == "10")
                #expect(try await browser.get("/sessions").status == 200)
                #expect(try await browser.get("/health/live").status == 200)
                signal.signal()
                try await busy.value
                while work.isBusy { try await giveWay() }
                let page = try await browser.get("/t/2026112510000018")
                #expect(page.status == 200)
                #expect(page.text.matches(of: /<a href="http:\/\/a\.b"/).count == 500)
                #expect(page.text.contains("Only the first of them can be clicked."))
                #expect(page.text.contains("too long to be shown here"))
            }
        }
    }

    @Test("More long work than may wait is a matter of trying again")
    func failure() {
        #expect(TemporaryFailure(LongWork.Overload()) == .overload)
    }
}
