import Cluster
import Model
import ServiceSupport

/// Detects that the state directory is older than the fleet, or another one, and keeps pm-cluster from doing harm then:
/// unknown instances are left alone, and missing ones are not started, until the state is confirmed.
///
/// The state mark that the broker retains tells. It is compared each time that pm-cluster becomes active. A mismatch
/// also begins (``begin(_:_:)``) when an instance is found that this directory has created and does not know.
final class StateMismatches {
    private let directory: StateDirectory
    private let store: InstanceStore
    /// The mark that the broker retained at the last connect.
    private var retained: StateMark?
    /// Whether the broker retained no mark when pm-cluster became active for the first time.
    private var isUnverified = false

    init(_ directory: StateDirectory, _ store: InstanceStore) {
        self.directory = directory
        self.store = store
    }

    func connected() { retained = nil }

    /// - Parameter mark: what the broker retains; nil if that is invalid or was cleared.
    func heardRetained(_ mark: StateMark?) { retained = mark }

    /// - Parameter isFirst: whether pm-cluster becomes active for the first time.
    func compare(isFirst: Bool) {
        switch directory.cluster.mark.standing(to: retained) {
        case .current: isUnverified = false
        // Running instances are managed as usual; only missing ones are not started.
        case .unknown: if isFirst { isUnverified = true }
        case .older:
            directory.advance(beyond: retained?.serial ?? 0)
            for kind in InstanceKind.allCases { begin(kind, .older) }
        case .other: for kind in InstanceKind.allCases { begin(kind, .other) }
        }
    }

    func begin(_ kind: InstanceKind, _ mismatch: ClusterFile.StateMismatch) {
        guard directory.cluster.mismatches[kind] == nil else { return }
        Log.note(Self.text(mismatch, kind), .warning)
        directory.note(mismatch, kind)
        for instance in store.unsorted where instance.kind == kind { instance.beginMismatch() }
    }

    /// Called when an operator has confirmed the state.
    func end(_ kind: InstanceKind) { directory.note(nil, kind) }

    /// Whether instances in the files may have been removed since the files were written.
    func concerns(_ kind: InstanceKind) -> Bool { isUnverified || directory.cluster.mismatches[kind] != nil }

    /// The health reason; nil without a mismatch.
    func reason(of kind: InstanceKind) -> String? { directory.cluster.mismatches[kind].map { Self.text($0, kind) } }

    private static func text(_ mismatch: ClusterFile.StateMismatch, _ kind: InstanceKind) -> String {
        let what =
            "unknown \(kind.rawValue)s are left alone, and missing ones are not started, until the state is confirmed"
        return switch mismatch {
        case .older: "pm-cluster's state is older than the fleet: \(what)"
        case .other: "this fleet was managed with another state directory before: \(what)"
        }
    }
}
