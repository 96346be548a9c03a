import Glibc
import TestSupport
import Testing

/// The user that an agent runs as, and how it finds trees.
struct AgentPlace: CustomTestStringConvertible, Sendable {
    enum Means: String, CaseIterable, Sendable { case cgroup, mark }

    let means: Means
    let user: Int
    /// A command that the agent is started by, such as `prlimit` with its options.
    var prefix: [String] = []

    /// Part of the cgroup's name: suites that run at the same time must not share a cgroup.
    var suite = ""

    static let all = Means.allCases.flatMap { means in [0, 54_321].map { AgentPlace(means: means, user: $0) } }

    static func places(of suite: String) -> [AgentPlace] {
        all.map { AgentPlace(means: $0.means, user: $0.user, suite: suite) }
    }

    var testDescription: String { "\(user == 0 ? "root" : "user") \(means)" }

    /// The cgroup that the agent has to itself.
    var cgroup: String { "/sys/fs/cgroup/unified/pm-test-\(getpid())-\(user)\(suite)" }

    /// Hides every cgroup v2 file system from the agent.
    private static let blindfold = [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        #"while read -r _ path type _; do [ $type != cgroup2 ] || umount -l "$path"; done </proc/mounts; exec "$@""#,
        "sh",
    ]

    /// Gives an agent of another user access to its folder and to the broker's socket.
    private var change: [String] {
        let script = #"""
            for word; do
              case $word in
                unix://*) path=${word#unix://}; chmod 711 "${path%/*}"; chmod 777 "$path" ;;
                */state) chown -R \#(user):\#(user) "${word%/*}" ;;
              esac
            done
            exec setpriv --reuid=\#(user) --regid=\#(user) --clear-groups "$@"
            """#
        return user == 0 ? [] : ["/bin/sh", "-c", script, "sh"]
    }

    private var delegated: [String] {
        let script =
            "mkdir -p \(cgroup) && chown -R \(user):\(user) \(cgroup) && echo $$ >\(cgroup)/cgroup.procs && exec \"$@\""
        return ["/bin/sh", "-c", script, "sh"]
    }

    func withAgent(configuration: String = #"{"stop_grace":0.3}"#, _ body: (AgentBench) async throws -> Void)
        async throws
    {
        var options = AgentProcess.Options(configuration: configuration)
        options.wrapper = (means == .mark ? Self.blindfold : delegated) + change + prefix
        options.runsAsOwn = user == 0
        defer { if means == .cgroup { Self.remove(cgroup) } }
        try await TestSupport.withAgent(options) { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            let reason = info["limits"]?["pids"]?["reason"]?.string ?? ""
            #expect(reason.hasPrefix("no cgroup v2 here") == (means == .mark), "\(reason)")
            try await body(bench)
        }
    }

    private static func remove(_ cgroup: String) {
        for name in TemporaryFolder.names(in: cgroup) { remove("\(cgroup)/\(name)") }
        rmdir(cgroup)
    }
}
