import ServiceSupport
import JSONCodec
package import Model
package import Wire

extension Command: ControlCommand {}

extension Outcome: ControlOutcome {
    package var failure: Failure? {
        switch self {
        case .failed(let failure): failure
        // The first tells what kind of thing it is.
        case .applied(let difference):
            difference.failed.first.map { Failure($0.failure.code, "\($0.id): \($0.failure.detail)") }
        default: nil
        }
    }

    /// Bytes that one process entry takes, about.
    fileprivate static let entrySize = 256

    package var entryCount: Int {
        switch self {
        case .processes(let entries): entries.count
        case .pids(let pids): pids.count / 16
        case .log(let excerpt): 1 + excerpt.entryCount
        case .following(_, _, let history): 1 + (history?.entryCount ?? 0)
        // A spec may hold as much as its request.
        case .process(_, let spec): 1 + spec.config.printed().count / Self.entrySize
        case .applied(let difference): 1 + difference.count / 16
        default: 1
        }
    }
}

extension LogExcerpt {
    fileprivate var entryCount: Int {
        let lines = [stdout, stderr, merged].compactMap(\.self).joined()
        return lines.reduce(0) { $0 + MemoryLayout<LogLine>.size + $1.text.utf8.count } / Outcome.entrySize
    }
}

extension RequestHeader {
    /// Why it is not for this host, when it names another.
    func refusal(by host: HostName) -> Failure? {
        if let name = hostName, name != host.description {
            return Failure(.wrongNode, "this is \(host), not the host that host_name says")
        }
        if let node = nodeID, node != host.description {
            return Failure(.wrongNode, "this is \(host), not the node that node_id says")
        }
        return nil
    }
}
