import Dispatch
import Foundation
import Synchronization

/// An actor whose state is driven by descriptors becoming ready. It lives on a ``PollThread``.
protocol PollOwner: Actor {
    /// Takes in what was submitted, waits once, and handles what is ready. Returns false to end the thread.
    func turn() -> Bool
}

/// A thread that waits in `poll(2)` for its owner, and is the owner's executor.
///
/// The thread holds its owner while it runs. A pipe wakes it; the pipe is written to only while the thread sleeps.
final class PollThread: SerialExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var hasEnded = false
    }

    private let queue = Mutex(Queue())
    private let identity = Atomic<UInt>(0)
    private let isSleeping = Atomic<Bool>(false)
    private let wakeReader: Int32
    private let wakeWriter: Int32
    /// Runs what is sent to the actor after its thread has ended.
    private let lateJobs = DispatchQueue(label: "otalink.postgres.late")

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
        }
        wakeReader = ends[0]
        wakeWriter = ends[1]
    }

    deinit {
        if wakeReader >= 0 { close(wakeReader) }
        if wakeWriter >= 0 { close(wakeWriter) }
    }

    /// Starts the thread. To be called once.
    func start(name: String, owner: some PollOwner) {
        let thread = Thread { [self] in
            identity.store(UInt(pthread_self()), ordering: .sequentiallyConsistent)
            repeat { runJobs() } while owner.assumeIsolated { $0.turn() }
            end()
        }
        thread.name = name
        thread.start()
    }

    /// Ends a wait that is under way, or else the next one at once.
    func wake() {
        guard isSleeping.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var byte: UInt8 = 0
        // A full pipe wakes the thread just as well.
        _ = write(wakeWriter, &byte, 1)
    }

    /// Waits until a descriptor is ready, `wake()` is called, or the time has come. Called by the owner's `turn()`.
    ///
    /// - Parameters:
    ///   - descriptors: what to wait for; the answers are left in it.
    ///   - timeout: nil for no limit.
    ///   - hasWork: asked after the thread has been marked as sleeping, so that nothing submitted meanwhile waits.
    func wait(on descriptors: inout [pollfd], timeout: Duration?, hasWork: () -> Bool) {
        descriptors.append(pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0))
        isSleeping.store(true, ordering: .sequentiallyConsistent)
        let isBusy = queue.withLock { !$0.jobs.isEmpty } || hasWork()
        // Rounded up: a wait that ends early would only be repeated.
        let milliseconds = isBusy ? 0 : timeout.map { Int32(clamping: max(0, $0.wholeMilliseconds + 1)) } ?? -1
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        isSleeping.store(false, ordering: .sequentiallyConsistent)
        let wakeEntry = descriptors.removeLast()
        if ready <= 0 {
            for index in descriptors.indices { descriptors[index].revents = 0 }
        } else if wakeEntry.revents != 0 {
            emptyPipe()
        }
    }

    private func emptyPipe() {
        var bytes = (UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &bytes) { buffer in
            while read(wakeReader, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isLate = queue.withLock { queue in
            if !queue.hasEnded { queue.jobs.append(job) }
            return queue.hasEnded
        }
        if isLate { runLate(job) } else { wake() }
    }

    func checkIsolated() {
        precondition(isCurrent, "not on the thread of the database connections")
    }

    private var isCurrent: Bool {
        if identity.load(ordering: .sequentiallyConsistent) == UInt(pthread_self()) { return true }
        guard queue.withLock({ $0.hasEnded }) else { return false }
        dispatchPrecondition(condition: .onQueue(lateJobs))
        return true
    }

    private func runJobs() {
        while true {
            let jobs = queue.withLock { queue in
                defer { queue.jobs.removeAll() }
                return queue.jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    private func end() {
        let jobs = queue.withLock { queue in
            queue.hasEnded = true
            defer { queue.jobs.removeAll() }
            return queue.jobs
        }
        // Another thread may be given this one's identity.
        identity.store(0, ordering: .sequentiallyConsistent)
        for job in jobs { runLate(job) }
    }

    private func runLate(_ job: UnownedJob) {
        lateJobs.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
