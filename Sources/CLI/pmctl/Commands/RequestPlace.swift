import JSONCodec
import Model
import Wire

/// What a request is about: a process of a host, or the host.
struct RequestPlace: CustomStringConvertible {
    let host: HostName
    var process: ProcessReference?

    var description: String { process.map { "\($0) on \(host)" } ?? "\(host)" }

    /// `result` with `host` and `process_id` before its members.
    func json(_ result: JSON) -> JSON {
        let own = [JSON.Member("host", .string("\(host)"))] + (process.map { [.init("process_id", $0.json)] } ?? [])
        return .object(own + (result.members ?? []).filter { member in !own.contains { $0.key == member.key } })
    }
}
