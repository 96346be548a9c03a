import DequeModule
import Glibc

/// Calls that may block for as long as they like, made by a few threads, each with a deadline; the loop hears how they end.
///
/// There is one thread as long as calls are quick. While none comes back, others are added, so that a call which hangs holds
/// up no other; and of one kind only so many are made at a time.
package final class BlockingCalls {
    package struct Bounds: Sendable {
        /// Threads at most.
        package var threads: Int
        /// Calls of one kind at a time.
        package var alike: Int
        /// Seconds that a call may take.
        package var patience: Double

        package init(threads: Int, alike: Int, patience: Double) {
            self.threads = threads
            self.alike = alike
            self.patience = patience
        }
    }

    private let loop: EventLoop
    private let bounds: Bounds
    /// Addresses of calls: to the threads, and back.
    private let orders: WordPipe
    private let results: WordPipe
    private var threads = 0
    /// Calls that threads have or are about to take.
    private var underWay: [BlockingCall] = []
    /// Others, by kind; and the kinds whose turn it is, one after the other.
    private var waiting: [String: Deque<BlockingCall>] = [:]
    private var turns: Deque<String> = []
    private var returned = 0
    private var timer: TimerID?
    private var isClosed = false

    /// Seconds between two looks at calls that are under way.
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

    /// Has a call made. Those of a kind are begun in this order.
    ///
    /// A kind of which as many as may be have hung beyond their deadlines takes no more: its calls end at once, unmade.
    package func make(_ call: BlockingCall) {
        guard !isClosed else { return call.leave(.dropped) }
        guard !isExhausted(call.kind) else { return call.leave(.hangs) }
        if waiting[call.kind, default: []].isEmpty { turns.append(call.kind) }
        waiting[call.kind, default: []].append(call)
        giveOrders()
    }

    /// Drops the calls that no thread has begun, and those that come from now on.
    package func close() {
        isClosed = true
        let dropped = turns.flatMap { waiting[$0] ?? [] }
        turns = []
        waiting = [:]
        for call in dropped { call.leave(.dropped) }
    }

    private var hanging: Int { underWay.count(where: \.isGivenUp) }

    /// Whether every call of a kind that could be made hangs.
    private func isExhausted(_ kind: String) -> Bool {
        hanging >= bounds.threads || underWay.count { $0.isGivenUp && $0.kind == kind } >= bounds.alike
    }

    private func giveOrders() {
        if !turns.isEmpty, hanging >= threads, threads < bounds.threads { addThread() }
        // One more than there are threads that come back, so that none of them waits for the loop.
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

    // MARK: Those that hang

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

/// Something that may block, for a thread of ``BlockingCalls``.
package final class BlockingCall {
    /// What became of a call.
    package enum Outcome {
        case done
        /// It did not come back before its deadline, or was not begun because others of its kind did not.
        case hangs
        /// It was not begun before ``BlockingCalls/close()``.
        case dropped
    }

    /// What it waits for; calls of the same kind hang together.
    let kind: String
    fileprivate var deadline = Instant.now
    fileprivate private(set) var isGivenUp = false
    private let work: () -> Void
    private let interrupt: () -> Void
    private let completion: (Outcome) -> Void
    private let afterwards: () -> Void

    /// - Parameters:
    ///   - work: done in a thread, which has what it captures to itself until the end.
    ///   - interrupt: called on the loop at the deadline, while `work` may go on.
    ///   - completion: called on the loop once, at the latest at the deadline.
    ///   - afterwards: called on the loop when `work` ends after that, or will not be done.
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

    /// Ends it without its work.
    fileprivate func leave(_ outcome: Outcome) {
        completion(outcome)
        afterwards()
    }

    fileprivate func end() { if isGivenUp { afterwards() } else { completion(.done) } }

    func perform() { work() }
}
