import Model
import Wire

/// An argument that names processes: an id, a pid, or a pattern such as `web-*`.
enum ProcessPattern {
    case reference(ProcessReference)
    case glob(Glob)

    /// Whether one process at most can match.
    var isPlain: Bool {
        switch self {
        case .reference: true
        case .glob: false
        }
    }

    var isPID: Bool {
        switch self {
        case .reference(.pid): true
        case .reference(.id), .glob: false
        }
    }
}
