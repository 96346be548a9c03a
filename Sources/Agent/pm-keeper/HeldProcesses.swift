import CKeeper
import CLinux

/// The held launches, by launch number and by pid.
struct HeldProcesses {
    private var byLaunch: [UInt64: HeldProcess] = [:]
    private var launches: [Int32: UInt64] = [:]
    /// The ended launches that have not been reported to the worker yet.
    private var untold: [UInt64] = []

    var isEmpty: Bool { byLaunch.isEmpty }
    var hasUntold: Bool { !untold.isEmpty }

    mutating func add(_ process: HeldProcess) {
        byLaunch[process.launch] = process
        // The pid of one that has ended may belong to another by now.
        if process.status == nil { launches[process.pid] = process.launch }
    }

    mutating func remove(_ launch: UInt64) {
        guard let process = byLaunch.removeValue(forKey: launch) else { return }
        if process.output >= 0 { close(process.output) }
        if process.error >= 0 { close(process.error) }
        if launches[process.pid] == launch { launches[process.pid] = nil }
    }

    /// - Returns: false if no held launch has this pid.
    mutating func ended(_ pid: Int32, _ status: Int32) -> Bool {
        // The process is reaped: the kernel may reuse its pid.
        guard let launch = launches.removeValue(forKey: pid), var process = byLaunch[launch] else { return false }
        process.status = status
        byLaunch[launch] = process
        untold.append(launch)
        return true
    }

    /// Marks all ended launches as not reported, for a new worker.
    mutating func forgetTelling() {
        untold = []
        for (launch, process) in byLaunch where process.status != nil { untold.append(launch) }
    }

    var count: Int { byLaunch.count }

    func allSatisfy(_ condition: (HeldProcess) -> Bool) -> Bool {
        for (_, process) in byLaunch where !condition(process) { return false }
        return true
    }

    func forEach(_ body: (HeldProcess) -> Void) {
        for (_, process) in byLaunch { body(process) }
    }

    /// Sends the ends that are not reported yet, until the socket has no room for another.
    mutating func tell(_ send: (HeldProcess) -> Bool) {
        var count = 0
        for launch in untold {
            if let process = byLaunch[launch], !send(process) { break }
            count += 1
        }
        untold.removeFirst(count)
    }
}
