import JSONCodec
import LinuxSystem
import Model
import Wire

/// One launch of a process, from before it is executed to its end.
struct LaunchRecord: Equatable {
    /// No other launch has it; 0 is none.
    var number: UInt64 = 0
    var pid: Int32?
    /// Clock ticks since boot: tells it from a later bearer of the pid.
    var startTime: UInt64?
    /// Seconds of the boot clock.
    var startedAt: Double?
    var exitedAt: Double?
    /// Nil while it runs, and when nobody was there to see how it ended.
    var exit: ExitStatus?
    /// Whether it ended by itself, not because of a stop.
    var isOwnEnd = false
    /// What was still there when it had ended.
    var leftBehind: LeftBehind?
}

extension LaunchRecord {
    /// What is known; a line of the journal says as much of it as is new.
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

    /// What no kernel could have said is left out: 0 and -1 are many processes to kill(2).
    init(_ json: JSON) {
        number = json["launch"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0
        pid = json["pid"]?.integer.flatMap { Int32(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil }
        startTime = json["start_time"]?.integer.flatMap { UInt64(exactly: $0) }
        startedAt = json["started_after_boot"]?.number
        exitedAt = json["exited_after_boot"]?.number
        // An agent before 0.3 wrote down what the wall clock showed.
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
