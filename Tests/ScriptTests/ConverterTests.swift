import Glibc
import TestSupport
import Testing

/// `examples/systemd/unit-to-config.py`.
@Suite(.enabled(if: Python.obstacle == nil, "needs python3"))
struct ConverterTests {
    struct Unit: Sendable, CustomTestStringConvertible {
        let name: String
        /// `FOLDER` stands for the path of the test's folder.
        let text: String
        let config: JSONValue
        /// The directives that the converter reports, in this order.
        let reported: [String]

        var testDescription: String { name }
    }

    private let shell: Shell

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: ["PYTHONDONTWRITEBYTECODE=1"]) }

    /// - Returns: standard output and standard error.
    private func convert(
        _ text: String, name: String, exitCode: Int32 = 0
    ) async throws -> (config: String, report: String) {
        let folder = shell.folder
        let unit = "\(name).service"
        try folder.write(text.replacing("FOLDER", with: folder.path), to: unit)
        let script = "\(Shell.root)/examples/systemd/unit-to-config.py"
        let redirected = ["/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", "\(folder.path)/report"]
        let config = try await shell.run(
            redirected + [Python.path, script, "\(folder.path)/\(unit)"], exitCode: exitCode)
        return (config, folder.read("report"))
    }

    @Test(arguments: units) func `an agent takes the config of a unit`(unit: Unit) async throws {
        try shell.folder.write("# variables\nLEVEL=debug\nTITLE=\"two words\"\n", to: "variables")
        let (config, report) = try await convert(unit.text, name: unit.name)
        #expect(try JSONValue(config) == unit.config)
        let reported = report.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst().first.map { String($0.dropLast()) }
        }
        #expect(reported == unit.reported, "\(report)")
        try await withAgent(.init(host: "box")) { bench in
            let result = try await bench.method("start_process", "{\"config\":\(config)}")
            // Without cgroup v2 an agent refuses limits.cpu.
            let lacksCgroup = result["error"]?["detail"]?.string?.contains("cgroup") ?? false
            #expect(result["process_id"] == unit.config["name"] || lacksCgroup, "\(result)")
        }
    }

    @Test func `a unit without ExecStart fails`() async throws {
        let (config, report) = try await convert("[Service]\nUser=root\n", name: "empty", exitCode: 1)
        #expect(config.isEmpty)
        #expect(report.hasSuffix("empty.service has no ExecStart\n"), "\(report)")
    }

    private static let units = [supervised, limited, instance]

    private static let supervised = Unit(
        name: "web",
        text: """
            [Unit]
            Description=A server
            After=network.target

            [Service]
            Type=notify
            WorkingDirectory=/tmp
            Environment="GREETING=hello world" PORT=8000
            ExecStart=/bin/sh -c "exec sleep $1" sh ${PORT} $GREETING
            Restart=on-failure
            RestartSec=1min 500ms
            TimeoutStopSec=20
            KillSignal=SIGINT
            KillMode=mixed
            UMask=0027
            Nice=5
            OOMScoreAdjust=800

            [Install]
            WantedBy=multi-user.target
            """,
        config: [
            "name": "web", "path": "/tmp",
            "command": ["/bin/sh", "-c", "exec sleep $1", "sh", "8000", "hello", "world"],
            "env": ["GREETING": "hello world", "PORT": "8000"],
            "restart": ["policy": "on_failure", "delay": 60.5],
            "stop": ["grace": 20, "signal": "INT", "to": "main"], "umask": "0027", "nice": 5, "oom_score_adj": 800,
        ],
        reported: ["Description", "After", "Type", "WantedBy"])

    private static let limited = Unit(
        name: "limited",
        text: """
            [Service]
            Type=exec
            User=\(geteuid())
            Group=\(getegid())
            ExecStart=/bin/sleep 1000
            LimitNOFILE=256
            MemoryMax=512M
            CPUQuota=150%
            """,
        config: [
            "name": "limited", "command": ["/bin/sleep", "1000"], "user": .string("\(geteuid())"),
            "group": .string("\(getegid())"), "limits": ["open_files": 256, "memory": "512M", "cpu": 1.5],
        ],
        reported: [])

    private static let instance = Unit(
        name: "job@night",
        text: """
            [Service]
            EnvironmentFile=-FOLDER/variables
            EnvironmentFile=-FOLDER/missing
            Environment=LEVEL=info
            ExecStart=-/bin/sleep \\
            # A comment does not end a command.
                1000
            ExecStart=
            ExecStart=/bin/sh -c 'sleep 1000' %i 100%% \\x41
            Restart=always
            PrivateTmp=yes
            """,
        config: [
            "name": "job-night", "command": ["/bin/sh", "-c", "sleep 1000", "night", "100%", "A"],
            "env": ["LEVEL": "debug", "TITLE": "two words"], "restart": ["policy": "always"],
        ],
        reported: ["PrivateTmp", "EnvironmentFile", "EnvironmentFile"])
}
