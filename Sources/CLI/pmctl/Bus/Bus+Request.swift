import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Sends a request to the agent of `host`, which must be known and online, and waits for the answer.
    func request(_ method: Method, of host: HostName, _ arguments: JSON = [:]) throws(CommandError) -> Answer {
        try requireOnline(host)
        return try inTime(at: "host \(host)") { (timestamp) throws(CommandError) in
            let id = send(method, to: host, arguments, timestamp: timestamp)
            return try answer(to: id, of: host, method)
        }
    }

    private func answer(to id: String, of host: HostName, _ method: Method) throws(CommandError) -> Answer {
        let deadline = answerDeadline
        while let message = try next(before: deadline) {
            if let answer = Answer(message, inbox: inbox, id: id) { return answer }
            if message.topic == "\(Topic.status(host))", message.text == "offline" {
                throw .failed("host \(host) went offline before it answered", .offline)
            }
        }
        let hint = method.changesSomething ? "; it may still do what was asked" : ""
        throw silence(of: "host \(host)", hint: hint)
    }

    /// Asks with the present time as timestamp, and once more with the other host's time if its clock differs too much.
    ///
    /// - Parameter place: names what is asked in the warning.
    func inTime(
        at place: String, _ ask: (_ timestamp: Double) throws(CommandError) -> Answer
    ) throws(CommandError) -> Answer {
        let now = WallClock.now
        let answer = try ask(now)
        guard answer.code == .expired, let clock = answer.clock else { return answer }
        Self.warn(of: place, clock: clock, now: now)
        return try ask(clock)
    }

    /// - Parameters:
    ///   - clock: the time there, in seconds since the epoch.
    ///   - now: the time here.
    static func warn(of place: String, clock: Double, now: Double) {
        let seconds = Quantity.seconds((clock - now).magnitude.rounded())
        Output.complain("pmctl: the clock of \(place) is \(seconds) \(clock < now ? "behind" : "ahead of") this one")
    }

    /// Throws unless the host is known and online. The bus stays subscribed to its status.
    func requireOnline(_ host: HostName) throws(CommandError) {
        let fleet = try fleet(["\(Topic.status(host))"])
        try requireHost(host, in: fleet)
        guard fleet[host]?.isOnline == true else { throw .failed("host offline: \(host)", .offline) }
    }

    /// Sends a request without waiting for the answer.
    ///
    /// - Parameter timestamp: without one, the request can't expire.
    /// - Returns: the id of the request, which its answer repeats.
    func send(_ method: Method, to host: HostName, _ arguments: JSON, timestamp: Double? = nil) -> String {
        send(method.rawValue, to: .control(host), arguments, timestamp)
    }

    func send(_ method: String, to topic: Topic, _ arguments: JSON, _ timestamp: Double?) -> String {
        let id = RandomText.make()
        publish(message(method, to: topic, arguments, timestamp, id: id))
        return id
    }

    /// A request that may be sent more than once.
    func message(
        _ method: String, to topic: Topic, _ arguments: JSON, _ timestamp: Double?, id: String
    ) -> Message {
        let request: [JSON.Member] = [
            .init("method", .string(method)), .init("args", arguments), .init("id", .string(id)),
            .init("reply_to", .string(inbox)),
        ]
        let sent = timestamp.map { [JSON.Member("timestamp", .number($0))] } ?? []
        return Message(topic: "\(topic)", payload: JSON.object(request + sent).printed(), qos: 1)
    }
}

extension Method {
    var changesSomething: Bool {
        switch self {
        case .startProcess, .killProcess, .resetProcess, .signalProcess, .removeProcess, .followLog, .unfollowLog,
            .followUsage, .unfollowUsage,
            .apply, .shutdown:
            true
        case .getHealth, .getProcesses, .getProcess, .getLog: false
        }
    }
}
