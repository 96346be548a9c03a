import Glibc
import TestSupport
import Testing

/// The identity and the limits of a process: `user`, `group`, `umask`, `nice` and `limits`.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct IdentityTests {
    private func ids(_ child: SystemProcess, _ key: String) -> Set<String> {
        Set((child.status(key) ?? "").split(separator: "\t").map(String.init))
    }

    @Test func `a process runs as a user, by name and by number`() async throws {
        try await withAgent { bench in
            for user in [#""nobody""#, "65534", #""65534""#] {
                let child = SystemProcess(try await bench.start(config: #"{"command":"sleep 1000","user":\#(user)}"#))
                #expect(ids(child, "Uid") == ["65534"] && ids(child, "Gid") == ["65534"])
                #expect(child.status("Groups")?.contains("0") == false || child.status("Groups") == "")
                #expect(child.environment.isSuperset(of: ["USER=nobody", "HOME=/nonexistent"]))
            }
        }
    }

    @Test func `a group beside the user, and a group alone`() async throws {
        try await withAgent { bench in
            let both = SystemProcess(
                try await bench.start(.sleep().with("user", "nobody").with("group", "daemon")))
            #expect(ids(both, "Uid") == ["65534"] && ids(both, "Gid") == ["1"])
            let group = SystemProcess(try await bench.start(.sleep().with("group", 1)))
            #expect(ids(group, "Uid") == ["0"] && ids(group, "Gid") == ["1"])
        }
    }

    @Test func `umask and nice`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep().with("umask", "0137").with("nice", 7))
            #expect(SystemProcess(pid).status("Umask") == "0137")
            #expect(getpriority(Int32(PRIO_PROCESS.rawValue), id_t(pid)) == 7)
            let other = try await bench.start(.sleep().with("umask", 18).with("nice", -3))
            #expect(SystemProcess(other).status("Umask") == "0022")
            #expect(getpriority(Int32(PRIO_PROCESS.rawValue), id_t(other)) == -3)
        }
    }

    @Test func `when memory runs out, the kernel ends a process before the agent`() async throws {
        func score(_ pid: some BinaryInteger) -> Int? {
            Int(TemporaryFolder.text(of: "/proc/\(pid)/oom_score_adj").dropLast())
        }
        // As in a container without a memory guarantee: an unprivileged agent can't lower it.
        for (own, wrapper) in [
            (score(getpid()) ?? 0, []),
            (900, ["/bin/sh", "-c", "echo 900 >/proc/self/oom_score_adj; exec \"$@\"", "sh"]),
        ] {
            try await withAgent(.init(wrapper: wrapper)) { bench in
                #expect(score(bench.agent.pid) == own)
                #expect(score(try #require(bench.agent.worker).pid) == own)
                let usual = try await bench.start(config: #"{"command":"sleep 1000"}"#)
                #expect(score(usual) == max(500, own + 1))
                let own700 = try await bench.start(config: #"{"command":"sleep 1000","oom_score_adj":700}"#)
                #expect(score(own700) == max(700, own + 1))
                let low = try await bench.start(config: #"{"command":"sleep 1000","oom_score_adj":0}"#)
                #expect(score(low) == own + 1)
                #expect(score(try #require(bench.agent.worker).pid) == own)
            }
        }
    }

    @Test(arguments: [#""user":"no-such-user""#, #""group":"no-such-group""#])
    func `an unknown account is refused`(field: String) async throws {
        try await withAgent { bench in
            let result = try await bench.method(.startProcess(.sleep().raw(field)))
            #expect(result["error"]?["code"] == "invalid_argument")
            #expect(result["error"]?["detail"]?.string?.contains("no-such-") == true, "\(result)")
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a start fails if the user may not execute the program`() async throws {
        try await withAgent { bench in
            try bench.agent.folder.write("#!/bin/sh\n", to: "mine")
            chmod("\(bench.agent.folder.path)/mine", 0o700)
            try await bench.expectFailure(
                .startProcess(.command("\(bench.agent.folder.path)/mine").with("user", "nobody")),
                "exec_failed", "program \(bench.agent.folder.path)/mine: permission denied for user nobody")
        }
    }

    @Test func `files and core`() async throws {
        try await withAgent { bench in
            let config = ProcessConfig.command("cat /proc/self/limits", name: "a").with(
                "limits", ["open_files": 77, "core": "64K"])
            _ = try await bench.start(config)
            try await bench.state("exited", of: "a")
            let limits = bench.agent.folder.read("state/log/a.stdout").split(separator: "\n")
            for (name, value) in [("Max open files", "77"), ("Max core file size", "65536")] {
                let line = try #require(limits.first { $0.hasPrefix(name) })
                let words = line.dropFirst(name.count).split(separator: " ")
                #expect(words[0] == value && words[1] == value)
            }
        }
    }

    @Test func `each limit is enforced as info says`() async throws {
        try await withAgent { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            let limits = try #require(info["limits"])
            #expect(limits.keys == ["open_files", "core", "memory", "cpu", "pids"])
            #expect(limits["open_files"] == ["by": "rlimit"] && limits["core"] == ["by": "rlimit"])
            for name in ["cpu", "pids"] {
                let config = #"{"config":{"name":"\#(name)","command":"sleep 1000","limits":{"\#(name)":5}}}"#
                if let reason = limits[name]?["reason"]?.string {
                    try await bench.expectFailure(
                        "start_process", config, "not_allowed", "limits.\(name) can't be set: \(reason)")
                } else {
                    #expect(limits[name] == ["by": "cgroup"])
                    #expect(try await bench.method("start_process", config)["status"] == "success")
                }
            }
            // It can't get a gigabyte: malloc fails, or the kernel kills it.
            _ = try await bench.start(
                .testChild("--memory 1000000000 --exit 0", name: "m").with("limits", ["memory": "32M"]))
            let code = try await bench.state("exited", of: "m")["exit_code"]
            #expect(code?.integer == (limits["memory"] == ["by": "cgroup"] ? 137 : 111))
            _ = try await bench.start(.testChild("--memory 1000000000 --exit 0", name: "m"))
            #expect(try await bench.state("exited", of: "m")["exit_code"] == 0)
        }
    }
}
