import Glibc
import TestSupport

extension NodeLoad {
    enum Harm: String, CaseIterable, Sendable {
        case killCluster = "killed pm-cluster"
        case freezeCluster = "frozen pm-cluster"
        case reloadCluster = "reloaded pm-cluster"
        case killWorker = "killed node host's worker"
        case killHost = "killed node host"
        case killNode = "killed node"
        case cut
        case cutPacket = "cut in a packet"
        case overtake = "overtaken"
        case stall
    }

    func begin(_ harm: Harm, _ number: Int) async throws {
        let proxy = proxies[number % proxies.count]
        let pause = Duration.milliseconds(number % 1_000)
        switch harm {
        case .killCluster:
            begin()
            cluster.kill()
            try await Task.sleep(for: pause)
            try cluster.start()
        case .freezeCluster:
            cluster.pause()
            try await Task.sleep(for: pause)
            cluster.resume()
        case .reloadCluster: cluster.signal(SIGHUP)
        case .killWorker:
            begin()
            shelf.worker?.kill()
        case .killHost:
            begin()
            shelf.kill()
            try await Task.sleep(for: pause)
            try shelf.start()
        case .killNode:
            let keepers = names.flatMap { Self.keepers(of: $0) }
            guard !keepers.isEmpty else { return }
            begin()
            keepers[number % keepers.count].kill()
        case .cut: proxy.cut()
        case .cutPacket: proxy.cutNextPacket()
        case .overtake: proxy.cutAndLinger(for: pause)
        case .stall: proxy.stall(for: pause)
        }
        try tick()
    }

    func heal() { for proxy in proxies { proxy.heal() } }

    /// The agents that say that they are this node.
    static func keepers(of id: String) -> [SystemProcess] {
        SystemProcess.all.filter { process in
            let arguments = process.arguments
            guard let flag = arguments.firstIndex(of: "--host"), flag + 1 < arguments.count else { return false }
            return arguments[flag + 1] == id && arguments.last != "--worker" && !process.hasEnded
        }
    }
}
