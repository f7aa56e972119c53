import CLibCurl
import Foundation

/// A thread that carries out transfers side by side, waiting in `curl_multi_poll`.
final class TransferThread: Sendable {
    private let queue: TransferQueue
    private let multi: MultiHandle
    private let capacity: Int

    init?(queue: TransferQueue, limits: TransferQueue.Limits) {
        guard
            let multi = MultiHandle(
                maximumConnections: limits.transfersPerThread, maximumConnectionsPerHost: limits.transfersPerOrigin)
        else { return nil }
        self.queue = queue
        self.multi = multi
        self.capacity = limits.transfersPerThread
    }

    func start() {
        let thread = Thread { [self] in
            TransferLoop(queue: queue, multi: multi, capacity: capacity).run()
            queue.ended(self)
        }
        thread.name = queue.name
        thread.start()
    }

    func wakeUp() {
        multi.wakeUp()
    }
}

/// What the thread does; nothing of it is shared.
private struct TransferLoop {
    /// No transfer needs to be looked at more often: libcurl has timers of its own, and `wakeUp` ends the wait.
    static let longestWait = Duration.seconds(60)

    let queue: TransferQueue
    let multi: MultiHandle
    let capacity: Int
    var underWay: [UnsafeMutableRawPointer: Transfer] = [:]
    var spare: [EasyHandle] = []
    var cancellationsSeen = 0

    init(queue: TransferQueue, multi: MultiHandle, capacity: Int) {
        self.queue = queue
        self.multi = multi
        self.capacity = capacity
    }

    consuming func run() {
        while true {
            let now = ContinuousClock.now
            let orders = queue.orders(room: capacity - underWay.count, now: now)
            for pending in orders.start { start(pending, now: now) }
            if orders.cancellations != cancellationsSeen {
                cancellationsSeen = orders.cancellations
                endCancelled()
            }
            if orders.isClosed && underWay.isEmpty { return }
            multi.perform()
            // A transfer that has ended makes room for one that waits.
            guard !finishEnded() else { continue }
            let wait = orders.nextDeadline.map { now.duration(to: $0) } ?? Self.longestWait
            multi.poll(milliseconds: min(max(wait, .zero), Self.longestWait).inMilliseconds + 1)
        }
    }

    private mutating func start(_ pending: PendingTransfer, now: ContinuousClock.Instant) {
        guard let handle = spare.popLast() ?? EasyHandle() else {
            pending.continuation.resume(returning: TransferReport(code: CURLE_FAILED_INIT))
            return queue.finished(pending)
        }
        let transfer = Transfer(pending, on: handle)
        var code = transfer.prepare(now: now)
        if code == CURLE_OK, multi.add(handle) != CURLM_OK { code = CURLE_FAILED_INIT }
        guard code == CURLE_OK else {
            transfer.settle(code)
            handle.reset()
            return queue.finished(pending)
        }
        underWay[handle.pointer] = transfer
    }

    private mutating func endCancelled() {
        // To take an SMTP transfer out would send the final dot after half a message: libcurl 7.88 ends the upload in
        // the ordinary way then. Its progress function ends it instead.
        for transfer in underWay.values
        where transfer.pending.cancellation.isSet && transfer.pending.plan.conversation == nil {
            end(transfer)
            transfer.settleAsCancelled()
        }
    }

    private mutating func finishEnded() -> Bool {
        var didFinish = false
        while let (pointer, code) = multi.nextFinished() {
            guard let transfer = underWay[pointer] else { continue }
            didFinish = true
            if code == CURLE_ABORTED_BY_CALLBACK, transfer.pending.cancellation.isSet {
                transfer.settleAsCancelled()
            } else {
                transfer.settle(code)
            }
            end(transfer)
        }
        return didFinish
    }

    private mutating func end(_ transfer: Transfer) {
        underWay[transfer.handle.pointer] = nil
        multi.remove(transfer.handle)
        transfer.handle.reset()
        spare.append(transfer.handle)
        queue.finished(transfer.pending)
    }
}
