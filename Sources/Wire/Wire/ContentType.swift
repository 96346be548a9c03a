/// The MQTT 5 content types of requests and responses.
package enum ContentType: String, Sendable {
    case json = "application/json"
    case blueZeroRequest = "b0::process_manager::Request"
    case blueZeroResponse = "b0::process_manager::Response"

    /// A request without a content type is taken for JSON.
    static func isAccepted(_ text: String?) -> Bool {
        text == nil || text == json.rawValue || text == blueZeroRequest.rawValue
    }
}
