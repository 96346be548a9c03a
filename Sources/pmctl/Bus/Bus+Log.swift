import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Hands over what a process writes from now on, until it is interrupted or the agent says no.
    ///
    /// An agent stops by itself when nobody asks again, so that a reader who vanished costs nothing: we ask again at half
    /// the time it grants.
    ///
    /// - Parameter arguments: of `follow_log`.
    func followLog(
        of id: Name, on host: HostName, _ arguments: JSON,
        _ take: ([String], LogStream) throws(CommandError) -> Void
    ) throws(CommandError) {
        for stream in LogStream.allCases { subscribe("\(Topic.log(host, id, stream))") }
        var request = send(.followLog, to: host, arguments)
        var deadline = answerDeadline
        var isGranted = false
        while true {
            guard let message = try next(before: deadline) else {
                guard isGranted else { throw silence(of: "host \(host)") }
                request = send(.followLog, to: host, arguments)
                deadline = answerDeadline
                isGranted = false
                continue
            }
            if let answer = Answer(message, inbox: inbox, id: request) {
                if let refusal = answer.refusal { throw .failed(refusal) }
                let seconds = answer.result["seconds"]?.number ?? Limits.followTime
                deadline = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
                isGranted = true
            } else if case .log(host, id, let stream) = Topic(message.topic) {
                try take(LogPrinter.lines(of: message.text), stream)
            } else if message.topic == "\(Topic.status(host))", message.text == "offline" {
                throw .failed("host \(host) went offline")
            }
        }
    }
}
