import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import Synchronization
import TestSupport
import Testing

@testable import LinkService

@Suite("Limits against floods")
struct LimitTests {
    @Test(
        "A flood of forged tokens and cookies costs no query, and ends in 429; a good token from the same address still works"
    )
    func forgedTokens() async throws {
        try await withService { (replica, base, _) async throws in
            let browser = Browser(client: base.client, base: base.url)
            let token = try await replica.token()
            let before = await replica.client.statistics().calls
            var statuses: [Int: Int] = [:]
            for index in 0..<60 {
                let forged = String(format: "%043d", index)
                let requests = [
                    HTTPRequest(method: .get, url: "\(base.url)/l/\(forged)"),
                    HTTPRequest(method: .post, url: "\(base.url)/l/\(forged)", body: Array("form=00".utf8)),
                    HTTPRequest(method: .post, url: "\(base.url)/l/\(forged)/fresh"),
                    HTTPRequest(method: .get, url: "\(base.url)/t/1", headers: [("Cookie", "otalink=\(forged)")]),
                    HTTPRequest(
                        method: .get, url: "\(base.url)/auth/verify", headers: [("Cookie", "otalink=\(forged)")]),
                ]
                for request in requests { statuses[try await base.client.send(request).status, default: 0] += 1 }
            }
            #expect(await replica.client.statistics().calls == before)
            #expect(statuses == [410: 30, 429: 150, 401: 120])
            let limited = try await browser.get("/l/\(String(repeating: "0", count: 43))")
            let seconds = try #require(limited.header("Retry-After").flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            #expect(try await browser.press(try await browser.get("/l/\(token)")).status == 303)
        }
    }

    @Test("Wrong API keys cost a query each up to the limit, and then none; keys that counted before still do")
    func wrongKeys() async throws {
        try await withService([SettingName.wrongTokensPerClientAndMinute: "5"]) { (replica, base, _) async throws in
            let (good, late) = (try await replica.caller(base), try await replica.caller(base, name: "late"))
            #expect(try await good.call(.get, "/links?ticket=1").status == 200)
            for index in 0..<5 {
                #expect(try await APICaller(service: base, key: "ota_\(index)").call(.get, "/links").status == 401)
            }
            let before = await replica.client.statistics().calls
            for index in 0..<20 {
                let refused = try await APICaller(service: base, key: "ota_\(index)").call(.get, "/links")
                #expect(refused.status == 429 && refused.text.contains("too-many-wrong-keys"))
                #expect(refused.header("Content-Type") == "application/problem+json")
                #expect(refused.header("Retry-After").flatMap { Int($0) }.map { (1...60).contains($0) } == true)
            }
            // Without any key there is nothing to guess.
            #expect(try await APICaller(service: base, key: nil).call(.get, "/links").status == 401)
            #expect(await replica.client.statistics().calls == before)
            #expect(try await good.call(.get, "/links?ticket=1").status == 200)
            #expect(try await late.call(.get, "/links?ticket=1").status == 429)
        }
    }

    @Test("Wrong tokens and keys of all routes count together, and a client that must wait at one must wait at all")
    func together() async throws {
        let settings = [SettingName.wrongTokensPerClientAndMinute: "6"]
        try await withService(settings, hasAddOnLinks: true) { (_, base, _) async throws in
            let browser = Browser(client: base.client, base: base.url)
            func addOn(_ index: Int) -> String {
                "/otobo/customer.pl?TicketNumber=2026112510000018;OTAToken=AAAAAAAAAAAAAAAAAAAAAAA\(index)"
            }
            let stranger = APICaller(service: base, key: "ota_wrong")
            for index in 0..<2 {
                #expect(try await browser.get("/l/\(String(format: "%043d", index))").status == 410)
                #expect(try await browser.get(addOn(index)).status == 410)
                #expect(try await stranger.call(.get, "/links").status == 401)
            }
            #expect(try await browser.get("/l/\(String(format: "%043d", 9))").status == 429)
            #expect(try await browser.get(addOn(9)).status == 429)
            #expect(try await stranger.call(.get, "/links").status == 429)
        }
    }

    @Test("A key's allowance counts over all replicas, and what is beyond it costs no query")
    func allowance() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = [SettingName.apiCallsPerMinute: "3"]
            try await serving(dependencies(replicas[0], desk, settings)) { (first) async throws in
                try await serving(dependencies(replicas[1], desk, settings)) { (second) async throws in
                    let caller = try await replicas[0].caller(first)
                    // A minute that does not end while the test runs.
                    try await database.psql(
                        "INSERT INTO otalink.api_use VALUES ('test', date_trunc('minute', now()) + interval '1 hour', 0)"
                    )
                    let callers = [caller, APICaller(service: second, key: caller.key)]
                    var statuses: [Int] = []
                    for index in 0..<6 {
                        let answer = try await callers[index % 2].call(.get, "/links?ticket=1")
                        statuses.append(answer.status)
                        guard answer.status == 429 else { continue }
                        #expect(answer.text.contains("too-many-calls") && answer.header("Retry-After") != nil)
                    }
                    #expect(statuses == [200, 200, 200, 429, 429, 429])
                    let other = try await replicas[0].caller(second, name: "other")
                    #expect(try await other.call(.get, "/links?ticket=1").status == 200)
                }
            }
        }
    }

    @Test("A replica sets calls aside by twentieths, asks once for many at a time, and not while nothing is left")
    func shares() async throws {
        let now = Mutex(ContinuousClock.now)
        let asked = Mutex([Int]())
        let left = Mutex(100)
        let allowance = APIAllowance(now: { now.withLock(\.self) }) { calls, limit, _ in
            asked.withLock { $0.append(calls) }
            #expect(limit == 200)
            return left.withLock { left in
                let given = min(left, calls)
                left -= given
                return APIUse.Share(calls: given, seconds: 30)
            }
        }
        let refused = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<110 { group.addTask { try await allowance.secondsToWait("a", limit: 200) } }
            return try await group.reduce(into: []) { refused, seconds in refused += [seconds].compactMap(\.self) }
        }
        #expect(refused.count == 10 && refused.allSatisfy { $0 == 31 })
        #expect(asked.withLock(\.self) == Array(repeating: 10, count: 11))
        // Half a minute later there is more.
        now.withLock { $0 += .seconds(29) }
        #expect(try await allowance.secondsToWait("a", limit: 200) == 2)
        left.withLock { $0 = 100 }
        now.withLock { $0 += .seconds(1) }
        #expect(try await allowance.secondsToWait("a", limit: 200) == nil)
        #expect(try await allowance.secondsToWait("a", limit: 0) == nil)
    }

    @Test("What the database sets aside within a minute is no more than the limit, and begins anew with the next")
    func minutes() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let use = replicas[0].store.apiUse
            let minute = Date(timeIntervalSince1970: 1_795_600_020)
            for (second, calls, given, seconds) in [
                (0.0, 4, 4, 60.0), (10, 4, 4, 50), (59, 4, 0, 1), (59, 2, 2, 1), (59.5, 1, 0, 1), (60, 4, 4, 60),
                (30, 7, 0, 30),
            ] {
                let share = try await use.take(
                    calls: calls, of: 10, apiKey: "a", now: minute.addingTimeInterval(second))
                #expect(share == APIUse.Share(calls: given, seconds: seconds))
            }
            #expect(try await use.take(calls: 10, of: 10, apiKey: "b", now: minute).calls == 10)
        }
    }

    @Test(
        "Of an IPv6 client the network is counted, of an IPv4 client the address",
        arguments: [
            ("2001:db8::1", "2001:db8::ffff:2", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("", "", true),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
        ])
    func networks(one: String, other: String, isSame: Bool) {
        let limit = GuessLimit()
        let now = ContinuousClock.now
        limit.count(one, at: now)
        #expect(limit.secondsToWait(one, limit: 1, at: now) == 61)
        #expect((limit.secondsToWait(other, limit: 1, at: now) != nil) == isSame)
        #expect(limit.secondsToWait(one, limit: 0, at: now) == nil)
    }

    @Test("The database takes the same addresses for one client as a replica does")
    func networksInTheDatabase() async throws {
        let addresses = [
            "192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "2001:db8::1", "2001:DB8:0:0:1::", "2001:db8:0:1::1",
            "2001:db8:1:2:3:4:5:6", "fe80::1", "::1", "::", "fe80::1%eth0", "192.0.2", "unknown", "", "it's",
        ]
        try await withReplicas { (_, _, database) async throws in
            for address in addresses {
                let text = address.replacing("'", with: "''")
                let stored = try await database.psql("SELECT otalink.client_network('\(text)')")
                #expect(stored == ClientNetwork(address).description)
            }
        }
    }
}
