/// Does the work, or gives it up and throws ``OutOfPatience`` when the time has passed.
func within<R: Sendable>(
    _ patience: Duration, _ work: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: patience)
            throw OutOfPatience()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw OutOfPatience() }
        return first
    }
}

struct OutOfPatience: Error, CustomStringConvertible {
    let description = "no answer in time"
}
