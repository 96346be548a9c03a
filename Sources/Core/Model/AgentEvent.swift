/// Something that has happened to an agent or its processes: a line of its log, and a message on `pm/<host>/event`.
package struct AgentEvent: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case started, exited, restarting, failed, unhealthy, stopped, removed, health, connected, refused
        case leftBehind = "left_behind"
        case unending
    }

    package var kind: Kind
    package var level: LogLevel
    /// One line for people.
    package var message: String
    package var process: Name?
    package var pid: Int32?
    package var exit: ExitStatus?
    /// Seconds that the process ran.
    package var uptime: Double?
    /// Seconds to its next start.
    package var delay: Double?
    /// The health reasons; empty when health is good.
    package var reasons: [String]?
    /// Why a request was refused.
    package var code: ErrorCode?
    package var requester: String?

    package init(_ kind: Kind, _ level: LogLevel, _ message: String, of process: Name? = nil) {
        self.kind = kind
        self.level = level
        self.message = message
        self.process = process
    }
}

extension AgentEvent {
    /// - Parameter restarts: how often it was started before.
    package static func started(_ id: Name, pid: Int32?, restarts: Int) -> AgentEvent {
        let again = restarts > 0 ? ", restart \(restarts)" : ""
        var event = AgentEvent(.started, .info, "\(id) started\(pid.map { " (pid \($0)\(again))" } ?? again)", of: id)
        event.pid = pid
        return event
    }

    /// A process has ended by itself.
    ///
    /// - Parameters:
    ///   - exit: nil when it is unknown.
    ///   - uptime: seconds that it ran.
    package static func exited(_ id: Name, pid: Int32?, _ exit: ExitStatus?, uptime: Double) -> AgentEvent {
        let isGood = exit == .exited(code: 0)
        var event = AgentEvent(
            .exited, isGood ? .info : .warning, "\(id) ended with \(words(exit)) after \(duration(uptime))", of: id)
        (event.pid, event.exit, event.uptime) = (pid, exit, uptime)
        return event
    }

    /// A process has ended because it was stopped or reset.
    package static func stopped(_ id: Name, pid: Int32?, _ exit: ExitStatus?, uptime: Double) -> AgentEvent {
        var event = AgentEvent(
            .stopped, .info, "\(id) was stopped (\(words(exit))) after \(duration(uptime))", of: id)
        (event.pid, event.exit, event.uptime) = (pid, exit, uptime)
        return event
    }

    /// - Parameters:
    ///   - delay: seconds.
    ///   - obstacle: why it could not be started; nil if it has ended.
    package static func restarting(_ id: Name, in delay: Double, _ obstacle: String?) -> AgentEvent {
        let reason = obstacle.map { ", because it can't be started: \($0)" } ?? ""
        var event = AgentEvent(.restarting, .warning, "\(id) restarts in \(duration(delay))\(reason)", of: id)
        event.delay = delay
        return event
    }

    package static func failed(_ id: Name, _ reason: String) -> AgentEvent {
        AgentEvent(.failed, .error, "\(id) has failed: \(reason)", of: id)
    }

    package static func health(_ reasons: [String]) -> AgentEvent {
        let text = reasons.isEmpty ? "health is good" : "health is bad: \(reasons.joined(separator: "; "))"
        var event = AgentEvent(.health, reasons.isEmpty ? .info : .warning, text)
        event.reasons = reasons
        return event
    }

    /// - Parameters:
    ///   - request: its command and what it is about.
    ///   - requester: as far as it is known.
    package static func refused(_ request: String, _ failure: Failure, requester: String?) -> AgentEvent {
        let origin = requester.map { " of \($0)" } ?? ""
        var event = AgentEvent(
            .refused, .warning, "refused \(request)\(origin): \(failure.code.rawValue): \(failure.detail)")
        (event.code, event.requester) = (failure.code, requester)
        return event
    }

    private static func words(_ exit: ExitStatus?) -> String {
        switch exit {
        case .exited(let code): "exit code \(code)"
        case .signaled(let number): SignalName.name(of: number).map { "SIG\($0)" } ?? "signal \(number)"
        case nil: "an unknown exit status"
        }
    }

    private static func duration(_ seconds: Double) -> String {
        let digits = seconds < 10 ? (seconds * 100).rounded() / 100 : seconds.rounded()
        return "\(Int(exactly: digits).map { "\($0)" } ?? "\(digits)") s"
    }
}
