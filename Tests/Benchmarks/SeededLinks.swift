import Foundation
import OneTimeLinks
import TestSupport

/// Links whose ids can be computed, so that pgbench and the load generator know them: the n-th stands on ticket `Tn`, and is of
/// one of 20,000 customer users.
struct SeededLinks {
    let keys: KeyRing
    let directory: URL
    /// How many.
    let count: Int

    /// Writes the customer users, the tickets and the links. The tickets' facts are fresh for a day, so the desk is not asked.
    func write(to database: TestDatabase) async throws {
        try await database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            SELECT 'c' || n || '@example.org', 'c' || n || '@example.org', 'bench', 'C', 'Example' FROM generate_series(1, 20000) n;
            INSERT INTO otalink.ticket (ticket_number, ticket_id, title, state, state_type, customer_login, is_visible, read_at)
            SELECT 'T' || n, n, 'Bench', 'open', 'open', 'c' || (n % 20000 + 1) || '@example.org', true, now() + interval '1 day'
              FROM generate_series(1, \(count)) n;
            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
            SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'T' || n, 'c' || (n % 20000 + 1) || '@example.org',
                   'c' || (n % 20000 + 1) || '@example.org', '\(keys.signingKeyID)', 'active', 'api'
              FROM generate_series(1, \(count)) n;
            ANALYZE;
            """)
    }

    /// A load that POSTs each of the links once, as its confirm page would send it.
    ///
    /// - Parameter range: numbers of links; more than can be spent in the time.
    func redeemScript(_ range: some Sequence<Int>) throws -> String {
        let form = [UInt8](repeating: 7, count: 16)
        var lines = ""
        for number in range {
            guard let id = Self.id(number), let token = keys.sign(id, as: .link) else { continue }
            lines += "\(token) \(Self.hexadecimal(keys.code(over: id.bytes + form, as: .form)))\n"
        }
        let file = directory.appending(path: "redeem-\(UUID()).txt")
        try lines.write(to: file, atomically: true, encoding: .utf8)
        return """
            local lines = io.lines("\(file.path)")
            request = function()
              local token, proof = string.match(lines() or "", "(%S+) (%S+)")
              local headers = { ["Cookie"] = "otalink-form=\(Self.hexadecimal(form))",
                                ["Content-Type"] = "application/x-www-form-urlencoded" }
              return wrk.format("POST", "/l/" .. (token or "exhausted"), headers, "form=" .. (proof or ""))
            end
            """
    }

    private static func id(_ number: Int) -> UUID? {
        UUID(uuidString: "00000000-0000-7000-8000-" + String(format: "%012d", number))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02x", $0) }.joined()
    }
}
