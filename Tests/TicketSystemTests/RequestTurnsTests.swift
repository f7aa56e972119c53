import CurlClient
import Synchronization
import Testing

@testable import TicketSystem

@Suite("Turns at the desk are fair", .timeLimit(.minutes(10)))
struct RequestTurnsTests {
    private static let patience = Duration.seconds(60)

    /// Who got a turn, in the order in which they got it.
    private actor Order {
        private(set) var names: [String] = []

        func note(_ name: String) { names.append(name) }
    }

    /// Puts somebody in line, and returns once they stand there.
    private func wait(
        _ name: String, _ caller: DeskCaller, for turns: RequestTurns, noting order: Order
    ) async throws -> Task<Void, any Error> {
        let before = await turns.waiting
        let task = Task {
            let isIn = try await turns.enter(caller, within: Self.patience)
            #expect(isIn)
            await order.note(name)
            await turns.leave(caller)
        }
        while await turns.waiting == before, await !order.names.contains(name) {
            try Task.checkCancellation()
            await Task.yield()
        }
        return task
    }

    @Test("A hundred requests of one session take one turn of four; other sessions and clicks come through at once")
    func oneSession() async throws {
        let turns = RequestTurns(limit: 4)
        let order = Order()
        let hog = DeskCaller(.page, party: "a")
        #expect(try await turns.enter(hog, within: Self.patience))
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<99 { tasks.append(try await wait("a\(number)", hog, for: turns, noting: order)) }
        for caller in [DeskCaller(.page, party: "b"), DeskCaller(.signIn, party: "c"), DeskCaller(.page, party: "d")] {
            #expect(try await turns.enter(caller, within: .zero))
        }
        #expect(await turns.waiting == 99)
        await turns.leave(hog)
        for task in tasks { try await task.value }
        #expect(await order.names == (0..<99).map { "a\($0)" })
    }

    @Test("Sign-ins go first, then pages, each party in its turn, then what nobody waits for")
    func order() async throws {
        let turns = RequestTurns(limit: 1)
        let order = Order()
        let running = DeskCaller(.page, party: "a")
        #expect(try await turns.enter(running, within: Self.patience))
        var tasks: [Task<Void, any Error>] = []
        for (name, caller) in [
            ("job", DeskCaller(.background)), ("a1", running), ("a2", running), ("b1", DeskCaller(.page, party: "b")),
            ("c1", DeskCaller(.page, party: "c")), ("click", DeskCaller(.signIn, party: "x")),
            ("second click", DeskCaller(.signIn, party: "y")),
        ] { tasks.append(try await wait(name, caller, for: turns, noting: order)) }
        await turns.leave(running)
        for task in tasks { try await task.value }
        #expect(await order.names == ["click", "second click", "b1", "c1", "a1", "a2", "job"])
    }

    @Test("One turn is kept for sign-ins, and a job has half of them at the most")
    func shares() async throws {
        let turns = RequestTurns(limit: 4)
        for isIn in [true, true, false] {
            #expect(try await turns.enter(DeskCaller(.background), within: .milliseconds(1)) == isIn)
        }
        #expect(try await turns.enter(DeskCaller(.page, party: "a"), within: .zero))
        #expect(try await !turns.enter(DeskCaller(.page, party: "b"), within: .milliseconds(1)))
        #expect(try await turns.enter(DeskCaller(.signIn, party: "c"), within: .zero))
    }

    @Test("Clicks without end leave a turn for a page now and then")
    func noStarvation() async throws {
        let turns = RequestTurns(limit: 1)
        let order = Order()
        #expect(try await turns.enter(DeskCaller(.signIn), within: Self.patience))
        var tasks = [try await wait("page", DeskCaller(.page, party: "a"), for: turns, noting: order)]
        for number in 0..<20 {
            tasks.append(try await wait("click \(number)", DeskCaller(.signIn), for: turns, noting: order))
        }
        await turns.leave(DeskCaller(.signIn))
        for task in tasks { try await task.value }
        let place = try #require(await order.names.firstIndex(of: "page"))
        #expect(place < 10)
    }

    @Test(
        "At a slow desk a hundred requests of one session do not keep a click, nor another session, from being answered"
    )
    func slowDesk() async throws {
        let gate = Gate()
        let time = SettableTime()
        let configuration = OTOBOConfiguration(
            url: ReplayedDesk.base, login: "otalink", password: "secret", timeZone: .gmt,
            requestTimeout: .seconds(20))
        let connector = OTOBOConnector(configuration: configuration, clock: time.clock, logger: .init(label: "test")) {
            request in
            if request.method == .post { return Fixture.json(#"{"SessionID":"abc"}"#) }
            if request.url.contains("/Ticket/7?") { await gate.pass() }
            return Fixture.error("TicketGet.AccessDenied")
        }
        let hog = (0..<100).map { _ in
            Task {
                try await DeskCaller.$current.withValue(DeskCaller(.page, party: "a")) {
                    try await connector.articles(ofTicket: 7)
                }
            }
        }
        while await connector.standing().waitingCalls < 96 {
            try Task.checkCancellation()
            await Task.yield()
        }
        for caller in [DeskCaller(.signIn, party: "x"), DeskCaller(.page, party: "b")] {
            let reading = try await DeskCaller.$current.withValue(caller) { try await connector.ticket(id: 3) }
            #expect(reading == .invisible)
        }
        #expect(await gate.held == 1)
        await gate.open()
        for task in hog { await #expect(throws: TicketSystemError.self) { try await task.value } }
    }

    @Test("Each purpose has its time and its size", arguments: DeskCaller.Purpose.allCases)
    func bounds(purpose: DeskCaller.Purpose) async throws {
        let asked = Mutex<HTTPRequest?>(nil)
        let configuration = OTOBOConfiguration(
            url: ReplayedDesk.base, login: "otalink", password: "secret", timeZone: .gmt)
        let connector = OTOBOConnector(
            configuration: configuration, clock: SettableTime().clock, logger: .init(label: "test")
        ) { request in
            if request.method == .post { return Fixture.json(#"{"SessionID":"abc"}"#) }
            asked.withLock { $0 = request }
            return Fixture.error("TicketGet.AccessDenied")
        }
        _ = try await DeskCaller.$current.withValue(DeskCaller(purpose)) { try await connector.ticket(id: 3) }
        let request = try #require(asked.withLock { $0 })
        let seconds = [DeskCaller.Purpose.signIn: 3, .page: 3, .answer: 15, .attachment: 30, .background: 15]
        let mebibytes = [DeskCaller.Purpose.signIn: 4, .page: 16, .answer: 4, .attachment: 64, .background: 16]
        #expect(request.timeout == .seconds(try #require(seconds[purpose])))
        #expect(request.maximumBodySize == (try #require(mebibytes[purpose])) << 20)
    }

    /// Holds those who come until it is opened.
    private actor Gate {
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        var held: Int { waiting.count }

        func pass() async {
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }
}
