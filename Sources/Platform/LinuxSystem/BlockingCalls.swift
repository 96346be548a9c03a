import DequeModule
import Glibc

/// Makes calls that may block for any time, in a few threads and with a deadline each. The loop is told how they end.
///
/// The agent uses it for calls on paths, because a file system may hang. There is one thread while calls are quick.
/// Threads are added while no call returns, so that a hanging call does not delay others. Calls have a kind (what they
/// wait for), and only a limited number of one kind is made at a time.
///
/// A call is waiting, then under way, then done, or given up at its deadline. A given-up call keeps its thread until it
/// returns.
package final class BlockingCalls {
    package struct Bounds: Sendable {
        /// Maximum number of threads.
        package var threads: Int
        /// Maximum number of calls of one kind at a time.
        package var alike: Int
        /// Deadline of a call in seconds.
        package var patience: Double

        package init(threads: Int, alike: Int, patience: Double) {
            self.threads = threads
            self.alike = alike
            self.patience = patience
        }
    }

    private let loop: EventLoop
    private let bounds: Bounds
    /// Addresses of ``BlockingCall`` objects, to the threads and back.
    private let orders: WordPipe
    private let results: WordPipe
    private var threads = 0
    /// Calls that threads have taken or are about to take.
    private var underWay: [BlockingCall] = []
    /// Waiting calls by kind, and the kinds in the order of their turns.
    private var waiting: [String: Deque<BlockingCall>] = [:]
    private var turns: Deque<String> = []
    private var returned = 0
    private var timer: TimerID?
    private var isClosed = false

    /// Seconds between two checks of the calls under way.
    private static let recheck = 0.05

    package init(on loop: EventLoop, bounds: Bounds) throws(SystemError) {
        self.loop = loop
        self.bounds = bounds
        orders = try WordPipe()
        results = try WordPipe()
        results.readEnd.stopBlocking()
        try loop.watch(results.readEnd.number, for: .read) { [unowned self] _ in takeResults() }
    }

    deinit {
        loop.unwatch(results.readEnd.number)
        for _ in 0..<threads { orders.write(WordPipe.end) }
    }

    /// Makes a call. Calls of one kind are begun in order.
    ///
    /// If as many calls of its kind as allowed have passed their deadlines and still hang, the call ends at once as
    /// ``hangs``.
    package func make(_ call: BlockingCall) {
        guard !isClosed else { return call.leave(.dropped) }
        guard !isExhausted(call.kind) else { return call.leave(.hangs) }
        if waiting[call.kind, default: []].isEmpty { turns.append(call.kind) }
        waiting[call.kind, default: []].append(call)
        giveOrders()
    }

    /// Drops the calls that were not begun, and all later ones.
    package func close() {
        isClosed = true
        let dropped = turns.flatMap { waiting[$0] ?? [] }
        turns = []
        waiting = [:]
        for call in dropped { call.leave(.dropped) }
    }

    private var hanging: Int { underWay.count(where: \.isGivenUp) }

    /// Whether no call of a kind can be made because all allowed ones hang.
    private func isExhausted(_ kind: String) -> Bool {
        hanging >= bounds.threads || underWay.count { $0.isGivenUp && $0.kind == kind } >= bounds.alike
    }

    private func giveOrders() {
        if !turns.isEmpty, hanging >= threads, threads < bounds.threads { addThread() }
        // One more than there are threads, so that no thread waits for the loop.
        var looked = 0
        while underWay.count <= threads, looked < turns.count, let kind = turns.popFirst() {
            guard underWay.count(where: { $0.kind == kind }) < bounds.alike else {
                turns.append(kind)
                looked += 1
                continue
            }
            looked = 0
            guard let call = waiting[kind]?.popFirst() else { continue }
            if waiting[kind]?.isEmpty == true { waiting[kind] = nil } else { turns.append(kind) }
            order(call)
        }
        if timer == nil, underWay.contains(where: { !$0.isGivenUp }) { awaitResults() }
    }

    private func order(_ call: BlockingCall) {
        guard threads > 0 else { return call.leave(.hangs) }
        call.deadline = .now + .seconds(bounds.patience)
        underWay.append(call)
        orders.write(UInt(bitPattern: Unmanaged.passRetained(call).toOpaque()))
    }

    private func takeResults() {
        while let word = results.read(), let pointer = UnsafeRawPointer(bitPattern: word) {
            let call = Unmanaged<BlockingCall>.fromOpaque(pointer).takeRetainedValue()
            returned += 1
            underWay.removeAll { $0 === call }
            call.end()
        }
        giveOrders()
    }

    // MARK: Hanging calls

    private func awaitResults() {
        returned = 0
        timer = loop.after(.seconds(Self.recheck)) { [weak self] in
            guard let self else { return }
            timer = nil
            look()
        }
    }

    private func look() {
        let now = Instant.now
        for call in underWay where !call.isGivenUp && call.deadline <= now { call.giveUp() }
        for kind in turns where isExhausted(kind) {
            turns.removeAll { $0 == kind }
            for call in waiting.removeValue(forKey: kind) ?? [] { call.leave(.hangs) }
        }
        if returned == 0, underWay.count >= threads, threads < bounds.threads { addThread() }
        giveOrders()
    }

    private func addThread() {
        if WordPipe.start(reading: orders, writing: results) { threads += 1 }
    }
}

/// Work that may block, for a thread of ``BlockingCalls``.
package final class BlockingCall {
    /// The result of a call.
    package enum Outcome {
        case done
        /// The call did not return before its deadline, or was not begun because others of its kind hang.
        case hangs
        /// The call was not begun before ``BlockingCalls/close()``.
        case dropped
    }

    /// What the call waits for: calls of one kind hang together.
    let kind: String
    fileprivate var deadline = Instant.now
    fileprivate private(set) var isGivenUp = false
    private let work: () -> Void
    private let interrupt: () -> Void
    private let completion: (Outcome) -> Void
    private let afterwards: () -> Void

    /// - Parameters:
    ///   - work: runs in a thread, with exclusive use of what it captures until it ends.
    ///   - interrupt: called on the loop at the deadline, while `work` may still run.
    ///   - completion: called on the loop once, at the deadline at the latest.
    ///   - afterwards: called on the loop when `work` ends after its deadline, or is never begun.
    package init(
        kind: String, work: @escaping () -> Void, interrupt: @escaping () -> Void = {},
        afterwards: @escaping () -> Void = {}, completion: @escaping (Outcome) -> Void
    ) {
        self.kind = kind
        self.work = work
        self.interrupt = interrupt
        self.afterwards = afterwards
        self.completion = completion
    }

    fileprivate func giveUp() {
        isGivenUp = true
        interrupt()
        completion(.hangs)
    }

    /// Ends the call without beginning its work.
    fileprivate func leave(_ outcome: Outcome) {
        completion(outcome)
        afterwards()
    }

    fileprivate func end() { if isGivenUp { afterwards() } else { completion(.done) } }

    func perform() { work() }
}
