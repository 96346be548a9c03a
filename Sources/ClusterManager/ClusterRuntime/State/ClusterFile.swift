import Cluster
import JSONCodec
import Model

/// What `cluster.json` holds: the state directory's id, how far it has come, and what is to be confirmed.
struct ClusterFile: Equatable {
    /// Why a directory is not what the fleet was managed with last.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    enum StateMismatch: String { case older, other }

    var mark: StateMark
    /// For nodes and for VMs, until somebody confirms the state.
    var doubts: [InstanceKind: StateMismatch] = [:]

    init(id: String) { mark = StateMark(id: id, serial: 0) }

    /// Nil when it has no id.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, Name(id) != nil else { return nil }
        mark = StateMark(id: id, serial: json["serial"]?.integer ?? 0)
        for kind in InstanceKind.allCases {
            doubts[kind] = json["doubt"]?[kind.rawValue]?.string.flatMap(StateMismatch.init)
        }
    }

    var json: JSON {
        var members = mark.members
        let doubts = InstanceKind.allCases.compactMap { kind in
            self.doubts[kind].map { JSON.Member(kind.rawValue, .string($0.rawValue)) }
        }
        if !doubts.isEmpty { members.append(.init("doubt", .object(doubts))) }
        return .object(members)
    }
}

extension StateMark {
    fileprivate var members: [JSON.Member] { [.init("id", .string(id)), .init("serial", .number(serial))] }

    /// What `pm/cluster/serial` retains.
    var json: JSON { .object(members) }

    /// Nil when it is none, or no number that a state directory reaches.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, Name(id) != nil, let serial = json["serial"]?.integer,
            (0...Limits.stateSerial).contains(serial)
        else { return nil }
        self.init(id: id, serial: serial)
    }
}
