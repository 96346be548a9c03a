import Glibc

/// Reads what the trees of launches use. That takes milliseconds for each hundred processes, so a survey holds only
/// values, for a thread of its own.
package struct UsageSurvey: Sendable {
    /// A tree whose main process lives.
    package struct Subject: Sendable {
        let launch: UInt64
        let main: Int32
        let cgroup: Cgroup?
    }

    private let subjects: [Subject]
    /// By launch.
    package private(set) var usage: [UInt64: TreeUsage] = [:]
    /// Seconds of processor time that ``read()`` took.
    package private(set) var cost = 0.0

    package init(_ subjects: [Subject]) { self.subjects = subjects }

    package mutating func read() {
        let begin = Instant.processorSeconds
        for subject in subjects {
            if let cgroup = subject.cgroup { usage[subject.launch] = TreeUsage(of: cgroup) }
        }
        let others = subjects.filter { $0.cgroup == nil }
        for (launch, members) in Self.members(of: others) { usage[launch] = TreeUsage(of: members) }
        cost = Instant.processorSeconds - begin
    }

    /// The members of trees without a cgroup, by launch: descendants of the main process, and orphans that are of its
    /// session or carry its mark. Reads /proc once.
    private static func members(of subjects: [Subject]) -> [UInt64: Set<Int32>] {
        if subjects.isEmpty { return [:] }
        var children: [Int32: [Int32]] = [:]
        var sessions: [Int32: Int32] = [:]
        ProcessStatistics.forEach { pid, process in
            children[process.parent, default: []].append(pid)
            sessions[pid] = process.session
        }
        let launches = Dictionary(subjects.map { ($0.main, $0.launch) }, uniquingKeysWith: { first, _ in first })
        var members: [UInt64: Set<Int32>] = [:]
        func add(_ root: Int32, to launch: UInt64) {
            var next = [root]
            while let pid = next.popLast() {
                // Another launch may have been started by a process of this one.
                guard pid == root || launches[pid] == nil, members[launch, default: []].insert(pid).inserted else {
                    continue
                }
                next += children[pid] ?? []
            }
        }
        for subject in subjects where sessions[subject.main] != nil { add(subject.main, to: subject.launch) }
        // Orphans are children of the keeper, and those of an earlier keeper children of init.
        for pid in Set([getppid(), 1]).flatMap({ children[$0] ?? [] }) where launches[pid] == nil {
            let owner = sessions[pid].flatMap { launches[$0] } ?? Mark(of: pid)?.launch
            if let owner, members[owner] != nil { add(pid, to: owner) }
        }
        return members
    }
}

extension ProcessTree {
    /// What is surveyed of this tree; nil if its main process has ended.
    package var subject: UsageSurvey.Subject? {
        main.map { UsageSurvey.Subject(launch: mark.launch, main: $0, cgroup: cgroup) }
    }
}
