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
            noteFault()
            cluster.kill()
            try await Task.sleep(for: pause)
            try cluster.start()
        case .freezeCluster:
            cluster.pause()
            try await Task.sleep(for: pause)
            cluster.resume()
        case .reloadCluster: cluster.signal(SIGHUP)
        case .killWorker:
            noteFault()
            nodeHost.worker?.kill()
        case .killHost:
            noteFault()
            nodeHost.kill()
            try await Task.sleep(for: pause)
            try nodeHost.start()
        case .killNode:
            let keepers = keepers
            guard !keepers.isEmpty else { return }
            noteFault()
            keepers[number % keepers.count].kill()
        case .cut: proxy.cut()
        case .cutPacket: proxy.cutNextPacket()
        case .overtake: proxy.cutAndLinger(for: pause)
        case .stall: proxy.stall(for: pause)
        }
        try tick()
    }

    func heal() { for proxy in proxies { proxy.heal() } }

    /// The keepers of all nodes that have a worker.
    var keepers: [SystemProcess] {
        let workers = nodeHost.descendants.filter { $0.arguments.last == "--worker" && !$0.hasEnded }
        return Set(workers.compactMap(\.parent)).subtracting([nodeHost.pid, 1]).sorted().map { SystemProcess($0) }
    }
}
