import Model

/// The MQTT 5 content types of requests and responses.
package enum ContentType: String, Sendable {
    case json = "application/json"
    case blueZeroRequest = "b0::process_manager::Request"
    case blueZeroResponse = "b0::process_manager::Response"

    /// Accepts a request without a content type, BlueZero's, and JSON in any spelling: the type's letter case and its
    /// parameters, such as `charset`, don't matter (RFC 9110 section 8.3.1).
    static func isAccepted(_ text: String?) -> Bool {
        guard let text, text != blueZeroRequest.rawValue else { return true }
        let type = text.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        return type.lowercased() == json.rawValue
    }

    static let refusal = Failure(
        .malformedRequest,
        "unsupported content type: use none, \(json.rawValue) or \(blueZeroRequest.rawValue)")
}
