import LinkStore

extension ResultOptions {
    /// Prints a list, and on standard error which rows are not in it.
    func print(
        _ result: some Encodable, leavingOut unreadable: [UnlistedRow], lines: @autoclosure () throws -> [String]
    ) throws {
        try print(result, lines: try lines())
        for row in unreadable {
            Otalink.tell("Left out: \(row)")
        }
    }
}
