import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Sends a request to the agent of `host`, which must be known and online, and waits for the answer.
    func request(_ method: Method, of host: HostName, _ arguments: JSON = [:]) throws(CommandError) -> Answer {
        try requireOnline(host)
        let id = send(method, to: host, arguments)
        let deadline = answerDeadline
        while let message = try next(before: deadline) {
            if let answer = Answer(message, inbox: inbox, id: id) { return answer }
            if message.topic == "\(Topic.status(host))", message.text == "offline" {
                throw .failed("host \(host) went offline before it answered")
            }
        }
        let hint = method.changesSomething ? "; it may still do what was asked" : ""
        throw silence(of: "host \(host)", hint: hint)
    }

    /// Throws unless the host is known and online. The bus stays subscribed to its status.
    func requireOnline(_ host: HostName) throws(CommandError) {
        let fleet = try fleet(["\(Topic.status(host))"])
        try requireHost(host, in: fleet)
        guard fleet[host]?.isOnline == true else { throw .failed("host offline: \(host)") }
    }

    /// Sends a request without waiting for the answer.
    ///
    /// - Returns: the id of the request, which its answer repeats.
    func send(_ method: Method, to host: HostName, _ arguments: JSON) -> String {
        let id = RandomText.make()
        let request: JSON = [
            "method": .string(method.rawValue), "args": arguments, "id": .string(id), "reply_to": .string(inbox),
        ]
        publish(Message(topic: "\(Topic.control(host))", payload: request.printed(), qos: 1))
        return id
    }
}

extension Method {
    fileprivate var changesSomething: Bool {
        switch self {
        case .startProcess, .killProcess, .resetProcess, .signalProcess, .removeProcess, .followLog, .unfollowLog,
            .apply, .shutdown:
            true
        case .getHealth, .getProcesses, .getProcess, .getLog: false
        }
    }
}
