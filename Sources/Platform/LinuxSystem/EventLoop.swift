import CLinux
import Glibc

/// An event loop for one thread: descriptors, timers, and idle work. It sleeps in `epoll_wait` (epoll(7)).
///
/// All calls must come from the thread of ``run()``. Other threads wake the loop by a watched descriptor, see
/// ``BackgroundWork`` and ``BlockingCalls``. Each turn runs due timers, then handles ready descriptors, then idle work
/// if nothing was ready.
package final class EventLoop {
    package typealias Handler = (Readiness) -> Void

    private struct Watch {
        let handler: Handler
        /// Distinguishes this watch from an earlier one of the same descriptor number, which may still have an event in
        /// the batch.
        let generation: UInt32
    }

    private let epoll: Descriptor
    /// Indexed by descriptor. The kernel assigns the lowest free numbers, so the array stays short.
    private var watches: [Watch?] = []
    private var lastGeneration: UInt32 = 0
    private var timers = TimerQueue()
    private var idleWork: [() -> Void] = []
    private var lastIdle = Instant.now
    private var isRunning = false

    /// How long idle work may be delayed while the loop is busy.
    private static let patience = Duration.milliseconds(50)

    package init() throws(SystemError) {
        epoll = Descriptor(owning: try System.call("create an epoll") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    // MARK: Descriptors

    /// Calls `handler` whenever `descriptor` is ready for one of `interests`, or has an error or hang-up.
    package func watch(
        _ descriptor: Int32, for interests: Readiness, handler: @escaping Handler
    ) throws(SystemError) {
        lastGeneration &+= 1
        try control(EPOLL_CTL_ADD, descriptor, interests, generation: lastGeneration)
        while watches.count <= descriptor { watches.append(nil) }
        watches[Int(descriptor)] = Watch(handler: handler, generation: lastGeneration)
    }

    package func change(_ descriptor: Int32, to interests: Readiness) throws(SystemError) {
        guard let watch = watch(of: descriptor) else { return }
        try control(EPOLL_CTL_MOD, descriptor, interests, generation: watch.generation)
    }

    /// Ends a watch. The descriptor may be closed already.
    package func unwatch(_ descriptor: Int32) {
        guard watch(of: descriptor) != nil else { return }
        watches[Int(descriptor)] = nil
        _ = try? control(EPOLL_CTL_DEL, descriptor, [], generation: 0)
    }

    private func watch(of descriptor: Int32) -> Watch? {
        watches.indices.contains(Int(descriptor)) ? watches[Int(descriptor)] : nil
    }

    private func control(
        _ operation: Int32, _ descriptor: Int32, _ interests: Readiness, generation: UInt32
    ) throws(SystemError) {
        var event = epoll_event()
        event.events = interests.rawValue
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        try System.call("watch a descriptor") { epoll_ctl(epoll.number, operation, descriptor, &event) }
    }

    // MARK: Timers

    @discardableResult
    package func after(_ delay: Duration, _ action: @escaping () -> Void) -> TimerID {
        timers.add(at: .now + delay, action)
    }

    package func cancel(_ timer: TimerID?) {
        if let timer { timers.cancel(timer) }
    }

    // MARK: Running

    /// Adds work to run each time nothing is ready, before the loop sleeps; delayed by 50 ms at most.
    package func whenIdle(_ work: @escaping () -> Void) { idleWork.append(work) }

    /// Runs until ``stop()``.
    package func run() throws(SystemError) {
        isRunning = true
        while isRunning {
            runDueTimers()
            // Ready descriptors come first. Idle work runs when nothing is ready, or when it was delayed for long
            // enough.
            let isBusy = try dispatch(timeout: 0)
            guard isRunning, !isBusy || .now - lastIdle > Self.patience else { continue }
            for work in idleWork { work() }
            lastIdle = .now
            if isRunning, !isBusy { _ = try dispatch(timeout: millisecondsToNextTimer()) }
        }
    }

    package func stop() { isRunning = false }

    private func runDueTimers() {
        let now = Instant.now
        while isRunning, let action = timers.popDue(now) { action() }
    }

    /// -1 (for ever) without a timer; rounded up, so that the loop does not spin through a timer's last millisecond.
    private func millisecondsToNextTimer() -> Int32 {
        guard let deadline = timers.nextDeadline else { return -1 }
        let milliseconds = ((deadline - .now).nanoseconds + 999_999) / 1_000_000
        return Int32(clamping: max(0, milliseconds))
    }

    /// - Returns: whether anything was ready.
    private func dispatch(timeout: Int32) throws(SystemError) -> Bool {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            // An interrupted wait counts as one without events.
            let count = Int(epoll_wait(epoll.number, events.baseAddress, Int32(events.count), timeout))
            guard count > 0 else { return false }
            for event in events[..<count] where isRunning {
                let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: event.data.u64))
                let generation = UInt32(truncatingIfNeeded: event.data.u64 >> 32)
                guard let watch = watch(of: descriptor), watch.generation == generation else { continue }
                watch.handler(Readiness(rawValue: event.events))
            }
            return true
        }
    }
}

/// What a descriptor is ready for or watched for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: EPOLLIN.rawValue)
    package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
}
