import Synchronization

/// A plan and the caller that waits for its report.
final class PendingTransfer: Sendable {
    let plan: TransferPlan
    let cancellation: CancellationFlag
    let continuation: CheckedContinuation<TransferReport, any Error>

    init(
        _ plan: TransferPlan, cancellation: CancellationFlag,
        continuation: CheckedContinuation<TransferReport, any Error>
    ) {
        self.plan = plan
        self.cancellation = cancellation
        self.continuation = continuation
    }
}

/// Set once by a cancelled task, perhaps before its transfer has been queued.
final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
