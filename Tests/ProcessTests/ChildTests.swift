import Glibc
import TestSupport
import Testing

/// What a process is started with: signals, descriptors, environment, directory, program.
@Suite(.serialized) struct ChildTests {
    /// A parent that starts the agent with signals ignored and blocked, an environment, and open files.
    private static let unlucky = [
        "/usr/bin/env", "--ignore-signal=INT,HUP,PIPE,USR1,CHLD", "--block-signal=TERM,USR2,HUP,CHLD", "SECRET=leaked",
        "PATH=/nowhere:/bin",
        "/bin/sh", "-c", "ulimit -Sn 512; exec 5</etc/passwd 9>/dev/null; exec \"$@\"", "sh",
    ]

    @Test func `a child starts clean, however the agent was started`() async throws {
        try await withAgent(.init(wrapper: Self.unlucky)) { bench in
            let pid = try #require(
                try await bench.ask(.startProcess(path: "/bin/sleep", args: ["1000"]))["start_process"]?[
                    "pid"]?.integer)
            let child = SystemProcess(pid)
            #expect(child.session == pid && child.group == pid)
            for mask in ["SigBlk", "SigIgn", "SigCgt", "SigPnd"] {
                let signals = try #require(child.status(mask).flatMap { UInt64($0, radix: 16) })
                // 32 and 33 are the C library's own: posix_spawn, which started the agent, leaves them ignored.
                #expect(signals & ~(3 << 31) == 0, "\(mask)")
            }
            #expect(child.openFileLimit == 512)
            // The dynamic loader opens files for a moment.
            try await eventually("\(child.descriptors)") { Set(child.descriptors.keys) == [0, 1, 2] }
            #expect(child.descriptors[0] == "/dev/null")
            #expect(
                child.descriptors[1]?.hasPrefix("pipe:") == true && child.descriptors[2]?.hasPrefix("pipe:") == true)
            #expect(child.descriptors[1] != child.descriptors[2])
            #expect(child.workingDirectory == "/")
            let home = getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) } ?? ""
            let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? ""
            #expect(
                child.environment == [
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(home)", "LANG=C.UTF-8",
                    "USER=\(name)",
                ])
            // The agent sees its end, too.
            kill(pid_t(pid), SIGKILL)
            try await eventually("the child is reaped") { !child.exists }
            try await bench.expect(
                .stopProcess(pid: pid),
                ["stop_process": ["error_message": "no such pid", "success": false]])
        }
    }

    @Test func `an agent without standard descriptors starts children with them`() async throws {
        let wrapper = ["/bin/sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"]
        try await withAgent(.init(wrapper: wrapper)) { bench in
            for _ in 0..<3 {
                let pid = try await bench.sh("echo out; echo err >&2; exec sleep 1000")
                try await eventually("the exec") { SystemProcess(pid).arguments.first == "sleep" }
                // The dynamic loader of sleep opens files for a moment.
                try await eventually("\(SystemProcess(pid).descriptors)") {
                    SystemProcess(pid).descriptors.keys.sorted() == [0, 1, 2]
                }
                #expect(SystemProcess(pid).descriptors[0] == "/dev/null")
            }
            #expect(bench.agent.folder.read("state/log/sh-1.stdout") == "out\n")
            #expect(bench.agent.folder.read("state/log/sh-1.stderr") == "err\n")
        }
    }

    @Test func `the config's environment is added`() async throws {
        try await withAgent(.init(wrapper: Self.unlucky)) { bench in
            let pid = try await bench.start(.sleep().env(["A": "1 2", "LANG": "de", "B": "", "C": "x=y"]))
            let environment = SystemProcess(pid).environment
            #expect(environment.isSuperset(of: ["A=1 2", "LANG=de", "B=", "C=x=y"]))
            #expect(environment.count == 7)
        }
    }

    @Test func `the program is searched in the config's PATH`() async throws {
        try await withAgent { bench in
            let folder = try TemporaryFolder()
            try folder.write("#!/bin/sh\nexec /bin/sleep 1000\n", to: "mine")
            #expect(chmod("\(folder.path)/mine", 0o700) == 0)
            try folder.write("not executable", to: "sleep")
            _ = try await bench.start(.command("mine").env(["PATH": .string("relative::\(folder.path)")]))
            // Files that can't be executed are skipped.
            _ = try await bench.start(.sleep().env(["PATH": .string("\(folder.path):/bin")]))
            let failed = try await bench.method(.startProcess(.command("mine")))
            #expect(failed["error"] == ["code": "exec_failed", "detail": "mine: no such file or directory"])
        }
    }

    @Test func `path is a directory, a file, or absent`() async throws {
        try await withAgent { bench in
            let folder = try TemporaryFolder()
            try folder.write("#!/bin/sh\nexec /bin/sleep 1000\n", to: "prog")
            #expect(chmod("\(folder.path)/prog", 0o700) == 0)
            let cases: [(String, [String], String)] = [
                (#"{"command":"sleep 1000"}"#, ["sleep", "1000"], "/"),
                (#"{"path":"\#(folder.path)","command":"sleep 1000"}"#, ["sleep", "1000"], folder.path),
                (#"{"path":"\#(folder.path)","command":["/bin/sleep","1000"]}"#, ["/bin/sleep", "1000"], folder.path),
                (#"{"path":"/bin/sleep","command":"1000"}"#, ["/bin/sleep", "1000"], "/bin"),
                (#"{"path":"/bin/sleep","command":"sleep 1000"}"#, ["sleep", "1000"], "/bin"),
                (#"{"path":"/bin/sleep","command":"/bin/sleep 1000"}"#, ["/bin/sleep", "1000"], "/bin"),
                (#"{"path":"/bin/sleep","command":["1000"]}"#, ["/bin/sleep", "1000"], "/bin"),
                (#"{"path":"\#(folder.path)","command":"./prog"}"#, ["/bin/sleep", "1000"], folder.path),
                (#"{"path":"\#(folder.path)/prog"}"#, ["/bin/sleep", "1000"], folder.path),
            ]
            for (config, arguments, directory) in cases {
                let child = SystemProcess(try await bench.start(config: config))
                // A script shows the arguments of its shell first.
                try await eventually("\(config): \(child.arguments)") { child.arguments == arguments }
                let resolved = directory == "/bin" ? ["/bin", "/usr/bin"] : [directory]
                #expect(resolved.contains(child.workingDirectory ?? ""), "\(config)")
            }
        }
    }

    @Test func `an error names the file, its part in the launch, and the user`() async throws {
        try await withAgent { bench in
            let folder = try TemporaryFolder()
            chmod(folder.path, 0o755)
            mkdir("\(folder.path)/closed", 0o700)
            try folder.write("text", to: "closed/sh")
            chmod("\(folder.path)/closed/sh", 0o755)
            try folder.write("#!/bin/sh\r\n", to: "windows")
            try folder.write("#!/no/such -x\n", to: "orphan")
            try folder.write("#!\(folder.path)/plain\n", to: "refused")
            try folder.write("#!/bin/sh\r\n", to: "locked")
            chmod("\(folder.path)/locked", 0o644)
            try folder.write("text", to: "plain")
            try folder.write("text", to: "junk")
            try folder.write("#!\(folder.path)/closed/sh\n", to: "inside")
            try folder.write("#!\(folder.path)/ours\n", to: "foreign")
            try folder.write("text", to: "ours")
            chmod("\(folder.path)/ours", 0o700)
            for name in ["windows", "orphan", "refused", "junk", "inside", "foreign"] {
                chmod("\(folder.path)/\(name)", 0o755)
            }
            let own = String(cString: getpwuid(geteuid()).pointee.pw_name)
            var cases = [
                (
                    #""command":"DIR/windows""#,
                    "interpreter /bin/sh of DIR/windows: no such file or directory (the first line ends with CR LF, and the CR counts as part of the interpreter's name)"
                ),
                (#""command":"DIR/locked""#, "program DIR/locked: permission denied for user \(own)"),
                (#""command":"DIR/orphan""#, "interpreter /no/such of DIR/orphan: no such file or directory"),
                (#""path":"DIR","command":"./orphan""#, "interpreter /no/such of ./orphan: no such file or directory"),
                (
                    #""command":"DIR/refused""#,
                    "interpreter DIR/plain of DIR/refused: permission denied for user \(own)"
                ),
                (
                    #""command":"DIR/junk""#,
                    "program DIR/junk: exec format error (its first line does not begin with #!)"
                ),
                (#""command":"DIR/plain""#, "program DIR/plain: permission denied for user \(own)"),
                (#""command":"DIR/plain/x""#, "program DIR/plain/x: not a directory"),
                (#""path":"DIR/nowhere","command":"sleep 1""#, "DIR/nowhere: no such file or directory"),
            ]
            if geteuid() == 0 {
                cases += [
                    (
                        #""path":"DIR/closed","command":"sleep 1","user":"nobody""#,
                        "working directory DIR/closed: permission denied for user nobody"
                    ),
                    (
                        #""command":"DIR/closed/x","user":"nobody""#,
                        "program DIR/closed/x: permission denied for user nobody"
                    ),
                    (
                        #""command":"DIR/inside","user":"nobody""#,
                        "interpreter DIR/closed/sh of DIR/inside: permission denied for user nobody"
                    ),
                    (
                        #""command":"DIR/foreign","user":"nobody""#,
                        "interpreter DIR/ours of DIR/foreign: permission denied for user nobody"
                    ),
                    (
                        #""command":"DIR/ours","user":"nobody""#, "program DIR/ours: permission denied for user nobody"
                    ),
                ]
            }
            for (config, detail) in cases {
                try await bench.expectFailure(
                    "start_process", #"{"config":{\#(config.replacing("DIR", with: folder.path))}}"#, "exec_failed",
                    detail.replacing("DIR", with: folder.path))
            }
        }
    }

    @Test func `a config that can't be launched says why`() async throws {
        try await withAgent { bench in
            let user = String(cString: getpwuid(geteuid()).pointee.pw_name)
            let cases = [
                (#"{"path":"/no/such","command":"a"}"#, "exec_failed", "/no/such: no such file or directory"),
                (#"{"path":"/tmp"}"#, "missing_argument", "missing config.command"),
                (#"{"path":"/tmp","command":""}"#, "missing_argument", "missing config.command"),
                (#"{"command":["","a"]}"#, "missing_argument", "missing config.command"),
                (#"{"command":"./x"}"#, "exec_failed", "program ./x: no such file or directory"),
                (#"{"path":"/etc/passwd"}"#, "exec_failed", "program /etc/passwd: permission denied for user \(user)"),
                (#"{"command":"/tmp"}"#, "exec_failed", "program /tmp: permission denied for user \(user)"),
                (
                    #"{"command":"a 'b"}"#, "invalid_argument",
                    "config.command can't be split into words: a quote is not closed"
                ),
            ]
            for (config, code, detail) in cases {
                try await bench.expectMethod(
                    "start_process", #"{"config":\#(config)}"#,
                    [
                        "status": "failed", "message": "process failed to start",
                        "error": ["code": .string(code), "detail": .string(detail)],
                    ])
            }
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `output is appended to the log files, also after a reset`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("echo out; echo err >&2", name: "a"))
            try await bench.state("exited", of: "a")
            _ = try await bench.method(.resetProcess("a"))
            try await eventually("the second run") { bench.agent.folder.read("state/log/a.stderr") == "err\nerr\n" }
            #expect(bench.agent.folder.read("state/log/a.stdout") == "out\nout\n")
            try await bench.state("exited", of: "a")
        }
    }

    @Test func `a process runs without log files, and health says so`() async throws {
        try await withAgent { bench in
            let log = "\(bench.agent.stateDirectory)/log"
            #expect(rmdir(log) == 0)
            try bench.agent.folder.write("no directory", to: "state/log")
            let pid = try await bench.start(.shell("echo x; sleep 1000", name: "a"))
            let watcher = try await bench.watcher(of: bench.topic("health"))
            let bad = try await watcher.next { (try? $0.value)?["health"] == "bad" }.value
            let file = "\(log)/a.stdout"
            #expect(
                bad["reasons"] == [.string("the log of a is not written: open \(file): not a directory")])
            #expect(SystemProcess(pid).exists)
        }
    }
}
