/// A random action of the soak, with its relative frequency.
enum Act: CaseIterable, Sendable {
    case start, stop, reset, signal, remove, read, startMissing, oneShot, bad, general
    case killMember, changeFiles, killWorker, killAgent, killKeeper, killBroker

    private var weight: Int {
        switch self {
        case .start: 3000
        case .stop: 900
        case .reset: 600
        case .signal: 600
        case .remove: 700
        case .read: 900
        case .startMissing: 100
        case .oneShot: 900
        case .bad: 300
        case .general: 300
        case .killMember: 500
        case .changeFiles: 40
        case .killWorker: 25
        case .killAgent: 7
        case .killKeeper: 4
        case .killBroker: 8
        }
    }

    static func random(_ seed: inout some RandomNumberGenerator) -> Act {
        var number = Int.random(in: 0..<allCases.reduce(0) { $0 + $1.weight }, using: &seed)
        for act in allCases {
            number -= act.weight
            if number < 0 { return act }
        }
        return .general
    }
}
