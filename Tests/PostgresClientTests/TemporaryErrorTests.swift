import Testing

@testable import PostgresClient

@Suite("Errors of the database that pass")
struct TemporaryErrorTests {
    @Test(
        "A call may succeed later after a loss, want of resources, an operator's hand, or on a server that lost its part",
        arguments: [
            ("08006", true), ("40001", true), ("40P01", true), ("53100", true), ("53300", true), ("55P03", true),
            ("57014", true), ("57P01", true), ("57P03", true), ("58030", true), ("25006", true), ("23505", false),
            ("22P02", false), ("42P01", false), ("42501", false), ("55000", false), ("XX000", false),
        ] as [(String, Bool)])
    func states(sqlState: String, isTemporary: Bool) {
        #expect(PostgresError(.server(sqlState: sqlState)).isTemporary == isTemporary)
    }

    @Test(
        "So it may when no answer came, but not when the program is wrong",
        arguments: [
            (.connectionLost, true), (.connectionFailed(reason: "refused"), true), (.deadlineExceeded, true),
            (.closed, true),
            (.cancelled, false), (.transactionRolledBack, false), (.missingColumn("id"), false),
            (.unexpectedRowCount(2), false), (.invalidConfiguration, false), (.unsupported, false),
        ] as [(PostgresError.Kind, Bool)])
    func kinds(kind: PostgresError.Kind, isTemporary: Bool) {
        #expect(PostgresError(kind).isTemporary == isTemporary)
    }
}
