import Cluster
import JSONCodec
import Model

/// The content of `cluster.json`: the state directory's id, the number of its last change, and the state mismatches
/// that still have to be confirmed.
struct ClusterFile: Equatable {
    /// How the directory differs from the one that managed the fleet last: an older copy, or another directory.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    enum StateMismatch: String { case older, other }

    var mark: StateMark
    /// The state mismatch of nodes and of VMs, until a `confirm_state` request.
    var mismatches: [InstanceKind: StateMismatch] = [:]

    init(id: String) { mark = StateMark(id: id, serial: 0) }

    /// Nil if it has no valid id.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, Name(id) != nil else { return nil }
        mark = StateMark(id: id, serial: json["serial"]?.integer ?? 0)
        for kind in InstanceKind.allCases {
            mismatches[kind] = json["doubt"]?[kind.rawValue]?.string.flatMap(StateMismatch.init)
        }
    }

    var json: JSON {
        var members = mark.members
        let mismatches = InstanceKind.allCases.compactMap { kind in
            self.mismatches[kind].map { JSON.Member(kind.rawValue, .string($0.rawValue)) }
        }
        if !mismatches.isEmpty { members.append(.init("doubt", .object(mismatches))) }
        return .object(members)
    }
}

extension StateMark {
    fileprivate var members: [JSON.Member] { [.init("id", .string(id)), .init("serial", .number(serial))] }

    /// The payload of `pm/cluster/serial`.
    var json: JSON { .object(members) }

    /// Nil if the id is invalid or the number is outside `0...Limits.stateSerial`.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, Name(id) != nil, let serial = json["serial"]?.integer,
            (0...Limits.stateSerial).contains(serial)
        else { return nil }
        self.init(id: id, serial: serial)
    }
}
