import Foundation
import PostgresClient
import TestSupport
import Testing

/// One value that goes to the server and comes back.
struct RoundTrip: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Sends the value, and returns what came back and what the server showed of it as text.
    let run: @Sendable (PostgresClient) async throws -> (isEqual: Bool, text: String?)
    let expectedText: String?

    init<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ description: String, _ value: Value, as type: String, shown expectedText: String?
    ) {
        testDescription = description
        self.expectedText = expectedText
        run = { client in
            let statement = Statement("echo.\(description)", "SELECT $1::\(type), $1::\(type)::text")
            let row = try await client.query(statement, value).only()
            let (back, text) = try row.decode(Value.self, String?.self)
            return (back == value, text)
        }
    }
}

@Suite("Types")
struct TypeTests {
    static let uuid = UUID(uuid: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255))

    static let roundTrips: [RoundTrip] = [
        RoundTrip("true", true, as: "boolean", shown: "true"),
        RoundTrip("false", false, as: "boolean", shown: "false"),
        RoundTrip("int2 least", Int16.min, as: "smallint", shown: "-32768"),
        RoundTrip("int4 greatest", Int32.max, as: "integer", shown: "2147483647"),
        RoundTrip("int8 least", Int64.min, as: "bigint", shown: "-9223372036854775808"),
        RoundTrip("Int", 1_234_567_890_123, as: "bigint", shown: "1234567890123"),
        RoundTrip("double", -0.1, as: "double precision", shown: "-0.1"),
        RoundTrip("infinity", Double.infinity, as: "double precision", shown: "Infinity"),
        RoundTrip("text", "Grüße, \"€\" and 'quotes' \\ 🙂", as: "text", shown: "Grüße, \"€\" and 'quotes' \\ 🙂"),
        RoundTrip("empty text", "", as: "text", shown: ""),
        RoundTrip("varchar", "abc", as: "varchar(10)", shown: "abc"),
        RoundTrip("name", "abc", as: "name", shown: "abc"),
        RoundTrip("bpchar", "abc", as: "char(3)", shown: "abc"),
        RoundTrip("json as text", "{\"a\": 1}", as: "json", shown: "{\"a\": 1}"),
        RoundTrip("jsonb", JSONB("{\"a\": [1, null]}"), as: "jsonb", shown: "{\"a\": [1, null]}"),
        RoundTrip("uuid", uuid, as: "uuid", shown: "00010203-0405-0607-0809-0a0b0c0d0eff"),
        RoundTrip(
            "time", Date(timeIntervalSince1970: 1_700_000_000.123456), as: "timestamptz",
            shown: "2023-11-14 22:13:20.123456+00"),
        RoundTrip(
            "time before 2000", Date(timeIntervalSince1970: -1.5), as: "timestamptz", shown: "1969-12-31 23:59:58.5+00"),
        RoundTrip("bytes", [0, 255, 39, 92] as [UInt8], as: "bytea", shown: "\\x00ff275c"),
        RoundTrip("no bytes", [] as [UInt8], as: "bytea", shown: "\\x"),
        RoundTrip("data", Data([0, 1, 2]), as: "bytea", shown: "\\x000102"),
        RoundTrip("NULL", String?.none, as: "text", shown: nil),
        RoundTrip("some", Int?.some(5), as: "bigint", shown: "5"),
        RoundTrip("int8 array", [1, -2, 3], as: "bigint[]", shown: "{1,-2,3}"),
        RoundTrip("empty array", [] as [Int], as: "bigint[]", shown: "{}"),
        RoundTrip("int4 array", [Int32(7)], as: "integer[]", shown: "{7}"),
        RoundTrip("int2 array", [Int16(7)], as: "smallint[]", shown: "{7}"),
        RoundTrip("bool array", [true, false], as: "boolean[]", shown: "{t,f}"),
        RoundTrip("double array", [1.5], as: "double precision[]", shown: "{1.5}"),
        RoundTrip("text array", ["a", "", "{\"}"], as: "text[]", shown: "{a,\"\",\"{\\\"}\"}"),
        RoundTrip("text array with NULL", ["a", nil] as [String?], as: "text[]", shown: "{a,NULL}"),
        RoundTrip("uuid array", [uuid], as: "uuid[]", shown: "{00010203-0405-0607-0809-0a0b0c0d0eff}"),
        RoundTrip("bytea array", [Data([1]), Data()], as: "bytea[]", shown: "{\"\\\\x01\",\"\\\\x\"}"),
        RoundTrip("jsonb array", [JSONB("1")], as: "jsonb[]", shown: "{1}"),
        RoundTrip(
            "time array with NULL", [Date(timeIntervalSince1970: 0), nil] as [Date?], as: "timestamptz[]",
            shown: "{\"1970-01-01 00:00:00+00\",NULL}"),
        RoundTrip("NULL array", [Int]?.none, as: "bigint[]", shown: nil),
    ]

    @Test("Every type goes to the server and back unchanged, and the server reads it rightly", arguments: roundTrips)
    func roundTrip(_ trip: RoundTrip) async throws {
        let url = try await PostgresCluster.shared().url(
            database: "postgres", parameters: "?options=-c%20TimeZone%3DUTC")
        let client = PostgresClient(PostgresConfiguration(url: url, connections: 1), logger: .quiet)
        let (isEqual, text) = try await trip.run(client)
        #expect(isEqual)
        #expect(text == trip.expectedText)
        await client.close()
    }

    @Test("U+0000 is taken out of every text parameter, so that no row fails for it")
    func noNUL() async throws {
        try await withClient { client, _ in
            let statement = Statement("nul", "SELECT $1::text, $2::text, $3::text[], $4::text[], $5::text")
            let row = try await client.query(
                statement, "a\0b", "\0" as String?, ["\0", "c\0", "d"], ["e\0\0f", nil] as [String?], "\0ä\0"
            ).only()
            let (text, optional, list, optionals, last) = try row.decode(
                String.self, String?.self, [String].self, [String?].self, String.self)
            #expect((text, optional, last) == ("ab", "", "ä"))
            #expect(list == ["", "c", "d"] && optionals == ["ef", nil])
        }
    }

    @Test("An Int reads any integer type, a String reads enumerations and json")
    func lenientReading() async throws {
        try await withClient { client, database in
            try await database.psql("CREATE TYPE mood AS ENUM ('glad', 'sad')")
            let statement = Statement(
                "lenient", "SELECT 1::int2, 2::int4, 3::int8, 4.5::real, 'sad'::mood, '[1]'::jsonb, ARRAY['glad'::mood]"
            )
            let row = try await client.query(statement).only()
            let (small, medium, large, real, mood, json, moods) = try row.decode(
                Int.self, Int.self, Int.self, Double.self, String.self, String.self, [String].self)
            #expect((small, medium, large, real) == (1, 2, 3, 4.5))
            #expect((mood, json, moods) == ("sad", "[1]", ["glad"]))
        }
    }

    @Test(
        "A value of another type, a NULL or a missing column is an error that names the column and no value",
        arguments: [
            ("SELECT 'secret' AS c", PostgresError.Kind.decoding(column: "c", expected: "bigint", found: "text")),
            ("SELECT NULL::int8 AS c", .decoding(column: "c", expected: "bigint", found: "NULL")),
            ("SELECT 1.5 AS c", .decoding(column: "c", expected: "bigint", found: "numeric")),
            ("SELECT 1 AS \"C\"", .missingColumn("c")),
        ])
    func wrongTypes(sql: String, kind: PostgresError.Kind) async throws {
        try await withClient { client, _ in
            let error = try await postgresError {
                try await client.query(Statement("wrong", sql)).only().decode("c", as: Int.self)
            }
            #expect(error.kind == kind)
            #expect(error.statementName == "wrong")
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("A row with more or fewer columns than the program names is an error")
    func columnCount() async throws {
        try await withClient { client, _ in
            let row = try await client.query(Statement("two", "SELECT 1, 2")).only()
            #expect(throws: PostgresError.self) { try row.decode(Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(Int.self, Int.self, Int.self) }
        }
    }
}
