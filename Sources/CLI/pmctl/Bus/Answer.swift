import JSONCodec
import MQTTTransport
import Model

/// An agent's answer in the method dialect: `{"request":…,"result":{"status":"success"|"failed",…}}`.
struct Answer {
    let result: JSON

    init(result: JSON) { self.result = result }

    /// Nil unless `message` is the answer to the request with this id.
    init?(_ message: Message, inbox: String, id: String) {
        guard message.topic == inbox, let json = message.json, let result = json["result"],
            (json["id"] ?? json["request"]?["id"])?.string == id
        else { return nil }
        self.result = result
    }

    var code: ErrorCode? { result["error"]?["code"]?.string.flatMap(ErrorCode.init) }

    /// The time of the answering host, in seconds since the epoch, if it differs too much from the request's.
    var clock: Double? { result["error"]?["clock"]?.number.flatMap { (0..<1e11).contains($0) ? $0 : nil } }

    /// Why the agent refused the request; nil if it succeeded.
    var refusal: String? {
        guard result["status"]?.string != "success" else { return nil }
        let parts = [result["message"]?.string, result["error"]?["detail"]?.string].compactMap(\.self)
        return parts.isEmpty ? "the agent refused without a reason" : parts.joined(separator: ": ")
    }
}
