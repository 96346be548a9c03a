import TestSupport

/// An answer in either dialect.
enum Reply: Sendable {
    case success(JSONValue)
    case failure(code: String, detail: String)

    init(_ value: JSONValue) {
        if let result = value["result"] {
            let error = result["error"]
            self =
                result["status"]?.string == "success"
                ? .success(result)
                : .failure(code: error?["code"]?.string ?? "", detail: error?["detail"]?.string ?? "\(value)")
            return
        }
        let command = ["start_process", "stop_process", "query_process_status"].compactMap { value[$0] }.first
        if let command, command["success"] == true {
            self = .success(command)
        } else {
            self = .failure(code: "", detail: (command ?? value)["error_message"]?.string ?? "\(value)")
        }
    }

    var summary: String {
        switch self {
        case .success(let result): "success\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        case .failure(let code, let detail): "\(code) (\(detail))"
        }
    }
}
