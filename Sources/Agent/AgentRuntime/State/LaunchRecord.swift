import JSONCodec
import LinuxSystem
import Model
import Wire

/// The record of one launch, from before it is executed to its end.
struct LaunchRecord: Equatable {
    /// The launch number, unique within the agent; 0 if there was no launch.
    var number: UInt64 = 0
    var pid: Int32?
    /// Clock ticks since boot (proc_pid_stat(5), field 22): tells the process from a later one with the same pid.
    var startTime: UInt64?
    /// Seconds of the boot clock (CLOCK_BOOTTIME), as is ``exitedAt``.
    var startedAt: Double?
    var exitedAt: Double?
    /// Nil while it runs, and if it ended while no keeper could wait for it.
    var exit: ExitStatus?
    /// Whether it ended by itself, not because of a stop.
    var isOwnEnd = false
    /// The remnants that still ran when the main process had ended.
    var leftBehind: LeftBehind?

    /// Seconds from its start to its end, or until now.
    var upTime: Double { startedAt.map { max(0, (exitedAt ?? BootClock.now) - $0).rounded(toPlaces: 3) } ?? 0 }

    /// The main process has ended, just now.
    mutating func end(_ status: ExitStatus?, isOwn: Bool) {
        exit = status
        exitedAt = BootClock.now
        isOwnEnd = isOwn
    }
}

extension LaunchRecord {
    /// The known fields, as members of a journal line.
    var members: [JSON.Member] {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON?) {
            if let value { members.append(.init(key, value)) }
        }
        add("pid", pid.map { .number($0) })
        add("start_time", startTime.map { .number($0) })
        add("started_after_boot", startedAt.map { .number($0) })
        add("exited_after_boot", exitedAt.map { .number($0) })
        if isOwnEnd { add("own_end", true) }
        add("left_behind", leftBehind?.json)
        switch exit {
        case .exited(let code): add("code", .number(code))
        case .signaled(let signal): add("signal", .number(signal))
        case nil: break
        }
        return [.init("launch", .number(number))] + members
    }

    /// Drops values that can't come from the kernel: to kill(2), the pids 0 and -1 mean many processes.
    init(_ json: JSON) {
        number = json["launch"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0
        pid = json["pid"]?.integer.flatMap { Int32(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil }
        startTime = json["start_time"]?.integer.flatMap { UInt64(exactly: $0) }
        startedAt = json["started_after_boot"]?.number
        exitedAt = json["exited_after_boot"]?.number
        // Agents before 0.3 stored wall-clock times.
        startedAt =
            startedAt ?? startTime.map(BootClock.seconds(ofTicks:))
            ?? json["started_at"]?.number.map(BootClock.seconds(ofWallTime:))
        exitedAt = exitedAt ?? json["exited_at"]?.number.map(BootClock.seconds(ofWallTime:))
        leftBehind = json["left_behind"].flatMap(LeftBehind.init)
        isOwnEnd = json["own_end"]?.bool ?? false
        if let code = json["code"]?.integer.flatMap({ Int32(exactly: $0) }) {
            exit = .exited(code: code)
        } else if let signal = json["signal"]?.integer.flatMap({ Int32(exactly: $0) }),
            (1...Limits.signal).contains(signal)
        {
            exit = .signaled(signal)
        }
    }
}
